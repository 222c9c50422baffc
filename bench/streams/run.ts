/**
 * What do open streams of a stock cost issuing? Coupons of one policy are issued at full load, alone and while 1,000, 5,000 and 10,000 streams show how
 * many are left. Shapes and builds alternate within each round, and ratios are of the same round and build. Linux, `ulimit -n` of 20,000.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { FIRST_USER, FIRST_WARM_USER, prepareFixture } from '../issue/fixture.ts';
import { createPolicies } from '../issue/policies.ts';
import { writeTokens } from '../issue/tokens.ts';
import { closeOnSignal } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { rotated } from '../support/rotated.ts';
import { ratioOf } from '../support/statistics.ts';
import { migrateSystem, startSystem } from '../support/system.ts';
import { withCpu } from '../support/with-cpu.ts';
import { residentKb } from './resident-kb.ts';
import { openStreamClients } from './stream-clients.ts';

const WARM_SECONDS = 2;
const TOKENS_PER_SECOND = 40_000;
const CONNECTIONS = 128;

type Build = 'this' | 'other';
interface Taken {
  readonly build: Build;
  readonly round: number;
  readonly streams: number;
  readonly issuesPerSecond: number;
  readonly p99Ms: number;
  readonly eventsPerSecond: number;
  readonly gapP50Ms: number;
  readonly gapP99Ms: number;
  /** Of the server: its resident memory before and after the streams were opened, for each. */
  readonly kbOfStream: number;
  /** Microseconds for an issue, of server and PostgreSQL. */
  readonly cpuUs: Readonly<Record<string, number | undefined>>;
}

const options = new Command('bench:streams')
  .option('--seconds <n>', 'load of one measurement', Number, 6)
  .option('--rounds <n>', 'each shape and build once a round', Number, 3)
  .option('--streams <n...>', 'open streams, after none', ['1000', '5000', '10000'])
  .option('--against <main.js>', 'another build, in the same rounds')
  .option('--out <dir>', 'where the results go', 'docs/bench')
  .parse()
  .opts<{ seconds: number; rounds: number; streams: string[]; against?: string; out: string }>();
const COUNTS = [0, ...options.streams.map(Number)];
const BUILDS: readonly Build[] = options.against === undefined ? ['this'] : ['this', 'other'];
const [loadBefore] = loadavg();
const fixture = await prepareFixture(0, 0);
closeOnSignal(fixture.close);
try {
  const { jwtSecret, workDir, load } = fixture;
  const tokens = await writeTokens(
    join(workDir, 'measured'),
    jwtSecret,
    FIRST_USER,
    options.seconds * TOKENS_PER_SECOND,
  );
  const warmTokens = await writeTokens(
    join(workDir, 'warm'),
    jwtSecret,
    FIRST_WARM_USER,
    WARM_SECONDS * TOKENS_PER_SECOND,
  );
  const databases = new Map<Build, string>();
  for (const build of BUILDS) {
    const databaseUrl = await fixture.createDatabase(`streams_${build}`);
    await migrateSystem(databaseUrl, mainOf(build));
    databases.set(build, databaseUrl);
  }

  async function measure(build: Build, streams: number): Promise<Omit<Taken, 'build' | 'round' | 'streams'>> {
    const main = mainOf(build);
    const databaseUrl = databases.get(build) ?? '';
    const env = { STAMPEDE_RATE_LIMIT: 'off' };
    const server = await startSystem({ ...fixture, databaseUrl, env, ...(main === undefined ? {} : { main }) });
    try {
      const { url, pid } = server;
      const send = (policyIds: readonly string[], file: string, seconds: number) =>
        load.send({ url, policyIds, tokens: file, repeats: false, connections: CONNECTIONS, seconds });
      await send(await createPolicies(url, jwtSecret, databaseUrl, 1), warmTokens, WARM_SECONDS);
      const [policyId = ''] = await createPolicies(url, jwtSecret, databaseUrl, 1);
      const before = await residentKb(pid);
      const path = `/api/v1/coupons/policies/${policyId}/stock/stream`;
      const clients = await openStreamClients(streams === 0 ? [] : [{ url, path, streams }]);
      const kbOfStream = streams === 0 ? 0 : ((await residentKb(pid)) - before) / streams;
      try {
        await clients.take();
        const parts = { server: pid, ...(streams === 0 ? {} : { clients: clients.pids[0] ?? 0 }) };
        const { result, cpuUs } = await withCpu(parts, databaseUrl, async () => ({
          load: await send([policyId], tokens, options.seconds),
          events: await clients.take(),
        }));
        const issued = result.load.requests - result.load.refused;
        const [figures] = result.events;
        return {
          issuesPerSecond: issued / result.load.seconds,
          p99Ms: result.load.p99Ms,
          eventsPerSecond: (figures?.events ?? 0) / result.load.seconds,
          gapP50Ms: figures?.gapMs.p50 ?? 0,
          gapP99Ms: figures?.gapMs.p99 ?? 0,
          kbOfStream,
          cpuUs: cpuUs(issued),
        };
      } finally {
        clients.close();
      }
    } finally {
      await server.stop();
    }
  }

  const taken: Taken[] = [];
  for (let round = 0; round < options.rounds; round++) {
    for (const streams of rotated(COUNTS, round)) {
      for (const build of rotated(BUILDS, round)) {
        const one = { build, round, streams, ...(await measure(build, streams)) };
        taken.push(one);
        console.log(
          `round ${round + 1}  ${build.padEnd(5)} ${String(streams).padStart(5)} streams  ${one.issuesPerSecond.toFixed(0)} issues/s  p99 ${one.p99Ms.toFixed(0)} ms  ${one.eventsPerSecond.toFixed(0)} events/s  gap ${one.gapP50Ms.toFixed(0)} / ${one.gapP99Ms.toFixed(0)} ms  ${one.kbOfStream.toFixed(1)} kB a stream  CPU us an issue ${JSON.stringify(one.cpuUs)}`,
        );
      }
    }
  }
  for (const build of BUILDS) {
    const rates = (streams: number) =>
      taken.filter((one) => one.build === build && one.streams === streams).map((one) => one.issuesPerSecond);
    for (const streams of COUNTS.slice(1)) {
      const ratio = ratioOf(rates(streams), rates(0));
      console.log(
        `${build.padEnd(5)} ${String(streams).padStart(5)} streams: ${ratio?.median.toFixed(2)} of issuing alone (${ratio?.min.toFixed(2)} to ${ratio?.max.toFixed(2)})`,
      );
    }
  }
  const machine = await describeMachine(databases.get('this') ?? '', load.name, undefined);
  await mkdir(options.out, { recursive: true });
  const result = { ranAt: new Date().toISOString(), machine, loadBefore, ...options, taken };
  await writeFile(join(options.out, 'streams.json'), `${JSON.stringify(result, undefined, 2)}\n`);
} finally {
  await fixture.close();
}

function mainOf(build: Build): string | undefined {
  return build === 'this' ? undefined : options.against;
}
