import type { PlantedBug } from './bugs.ts';

const ADMISSION = 'src/platform/http/admission.ts';
const SHEDDING = 'src/gateway/shedding.ts';
const REMEMBERED = 'src/platform/kernel/remembered.ts';
const ADMISSION_TEST = ['src/platform/http/admission.test.ts'];
const OVERLOAD_TEST = ['test/gateway/overload.int.test.ts'];
const SOLD_OUT_TEST = ['src/contexts/order/application/sold-out-memory.test.ts'];

/** Of what refuses when a node is overloaded, and of refusals from memory that make it rare. */
export const OVERLOAD_BUGS: readonly PlantedBug[] = [
  {
    name: 'admission: any number of requests may be in flight',
    file: ADMISSION,
    within: 'createAdmission',
    search: 'if (inFlight.size >= limit) {',
    replace: 'if (inFlight.size >= LIMIT_MAX) {',
    tests: ADMISSION_TEST,
  },
  {
    name: 'admission: the limit does not follow the rate',
    file: ADMISSION,
    within: 'createAdmission',
    search: 'if (!wasFull && inFlight.size',
    replace: 'if (!wasFull || inFlight.size',
    tests: ADMISSION_TEST,
  },
  {
    name: 'admission: a blocked event loop is not noticed',
    file: ADMISSION,
    within: 'createAdmission',
    search: "return now() - beatBefore > LATE_MS ? 'late' : undefined;",
    replace: 'return undefined;',
    tests: OVERLOAD_TEST,
  },
  {
    name: 'admission: an idle node whose event loop was blocked refuses what it reads',
    file: ADMISSION,
    within: 'createAdmission',
    search: 'if (inFlight.size < LIMIT_MIN) return undefined;',
    replace: '',
    tests: [...ADMISSION_TEST, ...OVERLOAD_TEST],
    only: 'idle node',
  },
  {
    name: 'admission: refusals from memory count as work of the database',
    file: ADMISSION,
    within: 'createAdmission',
    search: 'if (inFlight.delete(entry) && now() - entry.enteredAt >= QUEUED_MS) answers += 1;',
    replace: 'if (inFlight.delete(entry)) answers += 1;',
    tests: ADMISSION_TEST,
    only: 'hide slow requests',
  },
  {
    name: 'admission: requests that are answered at once lower the limit',
    file: ADMISSION,
    within: 'createAdmission',
    search: 'if (isQueueShort(at)) {',
    replace: 'if (!at) {',
    tests: ADMISSION_TEST,
    only: 'clients that are answered within',
  },
  {
    name: 'shedding: a request counts no longer once its client went away',
    file: SHEDDING,
    within: 'enter',
    search: 'if (response.writableEnded) leave();',
    replace: 'if (response) leave();',
    tests: OVERLOAD_TEST,
    only: 'went away',
  },
  {
    name: 'shedding: routes that end something are refused, too',
    file: SHEDDING,
    within: 'shedding',
    search: 'reason !== undefined && !bypasses(',
    replace: 'reason !== undefined && bypasses(',
    tests: OVERLOAD_TEST,
  },
  {
    name: 'shedding: a request counts as in flight before its body is here',
    file: SHEDDING,
    within: 'shedding',
    search: 'if (hasBody(request)) request',
    replace: 'if (!request) request',
    tests: OVERLOAD_TEST,
  },
  {
    name: 'shedding: a 503 without Retry-After',
    file: SHEDDING,
    within: 'refusing',
    search: "'retry-after', String(RETRY_AFTER_SECONDS), ",
    replace: '',
    tests: OVERLOAD_TEST,
  },
  {
    name: 'memory: every order reads a sold-out sale again, not one',
    file: REMEMBERED,
    within: 'claimsReading',
    search: '  fact.askedAtMs = nowMs;\n',
    replace: '',
    tests: SOLD_OUT_TEST,
  },
  {
    name: 'memory: a reading that failed is waited for',
    file: REMEMBERED,
    within: 'readEnded',
    search: 'fact.askedAtMs = 0;',
    replace: '{}',
    tests: SOLD_OUT_TEST,
  },
];
