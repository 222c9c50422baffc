/**
 * What do workers and nodes cost? One process, two workers, two and three nodes on one PostgreSQL issue coupons of one policy and of 64, with the
 * same number of connections in all. The shapes alternate within each round; ratios are of the same round. On a machine with two cores no
 * shape has a free one, so the CPU of each part for 1,000 requests is what travels.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { workersOf } from '../../test/support/workers-of.ts';
import { FIRST_USER, FIRST_WARM_USER, prepareFixture } from '../issue/fixture.ts';
import { createPolicies, readStored } from '../issue/policies.ts';
import { writeTokens } from '../issue/tokens.ts';
import { closeOnSignal } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { readMetrics, rise } from '../support/metrics.ts';
import { rotated } from '../support/rotated.ts';
import { ratioOf, spreadOf } from '../support/statistics.ts';
import { migrateSystem, startSystem } from '../support/system.ts';
import { withCpu } from '../support/with-cpu.ts';

const SHAPES = {
  'one process': { nodes: 1, workers: 1 },
  'two workers': { nodes: 1, workers: 2 },
  'two nodes': { nodes: 2, workers: 1 },
  'three nodes': { nodes: 3, workers: 1 },
} as const;
type ShapeName = keyof typeof SHAPES;
const NAMES = Object.keys(SHAPES) as ShapeName[];
const NODES_MAX = 3;
const TOKENS_PER_SECOND = 40_000;
const USERS_BETWEEN = 100_000_000n;

interface Taken {
  readonly shape: ShapeName;
  readonly policies: number;
  readonly round: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Milliseconds of CPU for 1,000 requests: of all server processes, and of PostgreSQL. */
  readonly cpuMs: { readonly server: number; readonly postgres: number };
  /** Of all nodes, a second; and how many commands each had. */
  readonly batches: { readonly perSecond: number; readonly size: number };
  readonly fault: string | undefined;
}

const options = new Command('bench:nodes')
  .option('--seconds <n>', 'load of one measurement', Number, 8)
  .option('--warm-seconds <n>', 'warm-up before it', Number, 3)
  .option('--rounds <n>', 'each shape once a round', Number, 3)
  .option('--connections <n>', 'of all nodes together', Number, 192)
  .option('--policies <n...>', 'measured one after the other', [1, 64].map(String))
  .addOption(new Option('--shapes <name...>').choices(NAMES).default(NAMES))
  .option('--main <file>', 'the bundle of another build')
  .option('--out <dir>', 'where the results go', 'docs/bench')
  .parse()
  .opts<{
    seconds: number;
    warmSeconds: number;
    rounds: number;
    connections: number;
    policies: string[];
    shapes: ShapeName[];
    main?: string;
    out: string;
  }>();
const { seconds, warmSeconds, rounds, connections, shapes, main } = options;
const POLICIES = options.policies.map(Number);

/** Of the last minute: above 0.5, other work ran, too. */
const [loadBefore] = loadavg();
const fixture = await prepareFixture(0, 0);
closeOnSignal(fixture.close);
try {
  const { jwtSecret, workDir } = fixture;
  const tokensOf = (name: string, first: bigint, duration: number) =>
    Promise.all(
      Array.from({ length: NODES_MAX }, (_, node) =>
        writeTokens(
          join(workDir, `${name}-${node}`),
          jwtSecret,
          first + BigInt(node) * USERS_BETWEEN,
          duration * TOKENS_PER_SECOND,
        ),
      ),
    );
  const tokens = await tokensOf('measured', FIRST_USER, seconds);
  const warmTokens = await tokensOf('warm', FIRST_WARM_USER, warmSeconds);
  const databaseUrl = await fixture.createDatabase('nodes');
  await migrateSystem(databaseUrl, main);

  async function measure(shape: ShapeName, policies: number): Promise<Omit<Taken, 'shape' | 'policies' | 'round'>> {
    const { nodes: count, workers } = SHAPES[shape];
    const env = { WORKERS: String(workers) };
    const start = () => startSystem({ ...fixture, databaseUrl, env, ...(main === undefined ? {} : { main }) });
    const nodes = [await start()];
    try {
      while (nodes.length < count) nodes.push(await start());
      const url = nodes[0]?.url ?? '';
      const warm = await createPolicies(url, jwtSecret, databaseUrl, policies);
      const measured = await createPolicies(url, jwtSecret, databaseUrl, policies);
      const send = (policyIds: readonly string[], files: readonly string[], duration: number) =>
        Promise.all(
          nodes.map((node, index) =>
            fixture.load.send({
              url: node.url,
              policyIds,
              tokens: files[index] ?? '',
              repeats: false,
              connections: Math.round(connections / count),
              seconds: duration,
            }),
          ),
        );
      await send(warm, warmTokens, warmSeconds);
      const pids = nodes.flatMap(({ pid }) => [pid, ...workersOf(pid)]);
      const parts = Object.fromEntries(pids.map((pid) => [`pid ${pid}`, pid]));
      const metrics = () => Promise.all(nodes.map((node) => readMetrics(node.url)));
      const before = await metrics();
      const { result, cpuUs } = await withCpu(parts, databaseUrl, () => send(measured, tokens, seconds));
      const after = await metrics();
      await sleep(500);
      const ofBatches = (name: string) =>
        after.reduce(
          (all, each, node) =>
            all + rise(before[node] ?? new Map(), each, `stampede_lane_group_size_${name}`, 'lane="coupon.issue"'),
          0,
        );
      const sum = (value: (each: (typeof result)[number]) => number) =>
        result.reduce((all, each) => all + value(each), 0);
      const requests = sum((each) => each.requests);
      const refused = sum((each) => each.refused);
      const broken = sum((each) => each.broken);
      const stored = await readStored(databaseUrl, 'coupon', measured, { counts: true });
      const unseen = stored.coupons - (requests - refused);
      const isExact = stored.isExact && unseen >= 0 && unseen <= connections && refused + broken === 0;
      const { postgres = Number.NaN, ...server } = cpuUs(requests);
      return {
        perSecond: sum((each) => (each.requests - each.refused) / each.seconds),
        p99Ms: Math.max(...result.map((each) => each.p99Ms)),
        cpuMs: { server: Object.values(server).reduce<number>((all, us) => all + (us ?? 0), 0), postgres },
        batches: { perSecond: ofBatches('count') / seconds, size: ofBatches('sum') / ofBatches('count') },
        fault: isExact
          ? undefined
          : `${requests} requests, ${refused} refused, ${broken} broken, ${stored.coupons} stored`,
      };
    } finally {
      await Promise.all(nodes.map((node) => node.stop()));
    }
  }

  const measurements: Taken[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const policies of POLICIES) {
      for (const shape of rotated(shapes, round)) {
        const taken = { shape, policies, round, ...(await measure(shape, policies)) };
        measurements.push(taken);
        const { perSecond, p99Ms, cpuMs, batches, fault = '' } = taken;
        console.log(
          `round ${round + 1}  ${policies} policies  ${shape.padEnd(11)}  ${Math.round(perSecond)}/s  p99 ${p99Ms.toFixed(0)} ms  CPU of 1,000: server ${cpuMs.server} ms, PostgreSQL ${cpuMs.postgres} ms  ${batches.perSecond.toFixed(0)} batches/s of ${batches.size.toFixed(0)}  ${fault}`,
        );
      }
    }
  }
  report(measurements);
  const machine = await describeMachine(databaseUrl, fixture.load.name, undefined);
  await mkdir(options.out, { recursive: true });
  const result = { ranAt: new Date().toISOString(), machine, loadBefore, ...options, measurements };
  await writeFile(join(options.out, 'nodes.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  if (measurements.some(({ fault }) => fault !== undefined)) process.exitCode = 1;
} finally {
  await fixture.close();
}

function report(measurements: readonly Taken[]): void {
  for (const policies of POLICIES) {
    const of = (shape: ShapeName) =>
      measurements.filter((taken) => taken.policies === policies && taken.shape === shape);
    const rates = (shape: ShapeName) => of(shape).map(({ perSecond }) => perSecond);
    for (const shape of shapes) {
      const ratio = ratioOf(rates(shape), rates('one process'));
      const server = spreadOf(of(shape).map(({ cpuMs }) => cpuMs.server));
      const postgres = spreadOf(of(shape).map(({ cpuMs }) => cpuMs.postgres));
      console.log(
        `${policies} policies  ${shape.padEnd(11)}  ${ratio?.median.toFixed(2)} of one process (${ratio?.min.toFixed(2)} to ${ratio?.max.toFixed(2)})  CPU of 1,000: server ${server.median} ms, PostgreSQL ${postgres.median} ms`,
      );
    }
  }
}
