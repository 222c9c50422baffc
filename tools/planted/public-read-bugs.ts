import type { PlantedBug } from './bugs.ts';

const READS = 'src/gateway/server/public-reads.ts';
const READS_TEST = ['src/gateway/server/public-reads.test.ts'];
const EDGE_TEST = ['test/gateway/public-reads.int.test.ts'];

/** Against the guards of cached public reads: no body is older than it may be, nor shown to those who get another one. */
export const PUBLIC_READ_BUGS: readonly PlantedBug[] = [
  {
    name: 'public reads: the age of a body counts from its arrival',
    file: READS,
    within: 'publicReads',
    search: 'readAtMs: startedAtMs }',
    replace: 'readAtMs: monotonic() }',
    tests: READS_TEST,
    only: 'counts from before it was read',
  },
  {
    name: 'public reads: a read is shared however long ago it began',
    file: READS,
    within: 'publicReads',
    search: 'running && isYoung(running.startedAtMs) ? running',
    replace: 'running ? running',
    tests: READS_TEST,
    only: 'that began before the maximum age',
  },
  {
    name: 'public reads: an overtaken read replaces a later one',
    file: READS,
    within: 'publicReads',
    search: 'if (startedAtMs >= (entries.get(key)?.readAtMs ?? startedAtMs)) entries.set(key, made);',
    replace: 'entries.set(key, made);',
    tests: READS_TEST,
    only: 'that began before the maximum age',
  },
  {
    name: 'public reads: each request of a key reads for itself',
    file: READS,
    within: 'publicReads',
    search: 'readings.set(key, reading);',
    replace: '',
    tests: READS_TEST,
    only: 'arrive during a read',
  },
  {
    name: 'public reads: an old body hides a refusal',
    file: READS,
    within: 'publicReads',
    search: "problemOf(error)?.code !== 'DEPENDENCY_UNAVAILABLE'",
    replace: 'problemOf(error) === undefined',
    tests: READS_TEST,
    only: 'in place of a refusal',
  },
  {
    name: 'public reads: an old body is shown without an end',
    file: READS,
    within: 'publicReads',
    search: '!cached || nowMs - cached.readAtMs >= maxAgeMs + STALE_MS',
    replace: '!cached',
    tests: READS_TEST,
    only: 'for a minute longer',
  },
  {
    name: 'public reads: managers share the bodies of customers',
    file: 'src/gateway/server/nest-routes.ts',
    within: 'sharing',
    search: "principal.role === 'CUSTOMER'",
    replace: "principal.role !== 'SERVICE'",
    tests: EDGE_TEST,
    only: 'a manager reads the present one|that a manager has read',
  },
  {
    name: 'public reads: the staff of a store shares its body with customers',
    file: 'src/gateway/routes/store/stores.http.ts',
    within: 'storesRoutes',
    search: "sharedBy: 'ANONYMOUS'",
    replace: "sharedBy: 'CUSTOMERS'",
    tests: EDGE_TEST,
    only: 'that is not open',
  },
  {
    name: 'public reads: a cache between gives customers and managers one body',
    file: 'src/gateway/server/nest-routes.ts',
    within: 'sharing',
    search: "reply.raw.appendHeader('vary', 'authorization, x-api-key');",
    replace: '',
    tests: EDGE_TEST,
    only: 'caches between',
  },
  {
    name: 'public reads: the age of a body is rounded down',
    file: 'src/gateway/server/nest-routes.ts',
    within: 'sharing',
    search: 'Math.ceil(ageMs',
    replace: 'Math.floor(ageMs',
    tests: EDGE_TEST,
    only: 'caches between',
  },
];
