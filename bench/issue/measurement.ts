import { setTimeout as delay } from 'node:timers/promises';
import { type Metrics, readMetrics, rise, statusesOf } from '../support/metrics.ts';
import { asAdmin } from '../support/postgres.ts';
import { type CpuUs, withCpu } from '../support/with-cpu.ts';
import type { Candidate } from './candidates.ts';
import type { Fixture } from './fixture.ts';
import type { LoadResult } from './load.ts';
import { type PgCounters, readPgCounters, since } from './pg-counters.ts';
import { freshPolicy, readStored } from './policies.ts';
import { issueToAll, type Refusing, sellOut } from './refusing.ts';

export interface MeasurementOptions {
  readonly connections: number;
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly poolMax: number;
}

/** One candidate under load once. */
export interface Measurement extends LoadResult {
  readonly id: string;
  readonly connections: number;
  /** Counted responses a second: 2xx of candidates that respond or issue, refusals of candidates that refuse. */
  readonly perSecond: number;
  /** The fault of the measurement, or undefined. */
  readonly fault: string | undefined;
  /** Coupons in the database without a response in wrk: they were committed after its time was up. Undefined without a store. */
  readonly unseen: number | undefined;
  /** Per coupon, over warm-up and load. Undefined for those that issue nothing. */
  readonly perIssue: PerIssue | undefined;
  /** Of a response, while it was loaded. Other work on the machine changes it less than the rate. */
  readonly cpuUs: CpuUs;
}

export interface PerIssue {
  readonly walSyncs: number;
  readonly walBytes: number;
  readonly rows: number;
  readonly transactions: number;
  /** Batches a coupon; each batch is two round trips. The real system only. */
  readonly groups: number | undefined;
  readonly deadlocks: number;
}

const SETTLE_MS = 1_500;

/** Starts the candidate, warms it up, loads it, stops it, and compares what was acknowledged with what is stored. */
export async function runMeasurement(
  candidate: Candidate,
  fixture: Fixture,
  databaseUrl: string,
  options: MeasurementOptions,
): Promise<Measurement> {
  const before = await asAdmin(databaseUrl, async (client) => {
    // A checkpoint here, so that the next candidate does not pay for the WAL of this one.
    await client.query('checkpoint');
    return readPgCounters(client);
  });
  const child = await candidate.start(fixture, databaseUrl, options.poolMax);
  let loaded: Loaded;
  try {
    loaded = await warmAndLoad(
      candidate,
      fixture,
      { url: child.url, pid: child.pid, databaseUrl, jwtSecret: fixture.jwtSecret },
      options,
    );
  } finally {
    await child.stop();
  }
  const { result, policyIds, metrics, cpuUs } = loaded;
  const refuses = candidate.kind === 'sold-out' || candidate.kind === 'already-issued';
  const succeeded = result.requests - result.refused;
  const { store } = candidate;
  const counts = { counts: candidate.id !== 'i' };
  const stored = store === 'none' ? undefined : await readStored(databaseUrl, store, policyIds.slice(-1), counts);
  const warmed = store === 'none' ? undefined : await readStored(databaseUrl, store, policyIds.slice(0, -1), counts);
  const unseen = stored === undefined || refuses ? undefined : stored.coupons - succeeded;
  const after = await asAdmin(databaseUrl, readPgCounters);
  const issued = refuses ? 0 : (stored?.coupons ?? 0) + (warmed?.coupons ?? 0);
  return {
    ...result,
    id: candidate.id,
    connections: options.connections,
    perSecond: (refuses ? result.refused : succeeded) / result.seconds,
    fault: faultOf(candidate, loaded, unseen, options.connections, stored?.isExact ?? true),
    unseen,
    perIssue: issued === 0 ? undefined : perIssue(since(before, after), issued, metrics),
    cpuUs: cpuUs(refuses ? result.refused : succeeded),
  };
}

interface Place {
  readonly url: string;
  readonly pid: number;
  readonly databaseUrl: string;
  readonly jwtSecret: string;
}

interface Loaded {
  readonly result: LoadResult;
  /** Those of the warm-up, then the one of the load. */
  readonly policyIds: readonly string[];
  /** At the start, before and after the load. The real system only. */
  readonly metrics: readonly [Metrics, Metrics, Metrics] | undefined;
  readonly cpuUs: (responses: number) => CpuUs;
}

async function warmAndLoad(
  candidate: Candidate,
  fixture: Fixture,
  place: Place,
  options: MeasurementOptions,
): Promise<Loaded> {
  const { connections, seconds, warmSeconds } = options;
  const metricsNow = async (): Promise<Metrics> => (candidate.store === 'coupon' ? readMetrics(place.url) : new Map());
  const atStart = await metricsNow();
  const warm = await freshPolicy(candidate, place);
  const spec = { url: place.url, connections, repeats: false };
  await fixture.load.send({ ...spec, policyIds: [warm], tokens: fixture.warmTokens, seconds: warmSeconds });
  const { policyId, tokens } = await prepare(candidate, fixture, place);
  if (candidate.kind === 'already-issued') {
    await fixture.load.send({ ...spec, policyIds: [policyId], tokens, repeats: true, seconds: 1 });
  }
  // What the warm-up left in queues and locks is not the load's: wrk hangs up, its requests go on.
  await delay(SETTLE_MS);
  const beforeLoad = await metricsNow();
  const repeats = candidate.kind === 'already-issued';
  const { result, cpuUs } = await withCpu(place.pid, place.databaseUrl, () =>
    fixture.load.send({ ...spec, policyIds: [policyId], tokens, repeats, seconds }),
  );
  // Requests that were pending when wrk's time was up are committed a moment later.
  await delay(SETTLE_MS);
  const afterLoad = await metricsNow();
  return {
    ...{ result, cpuUs },
    policyIds: [warm, policyId],
    metrics: candidate.store === 'coupon' ? [atStart, beforeLoad, afterLoad] : undefined,
  };
}

async function prepare(candidate: Candidate, fixture: Fixture, place: Place): Promise<Refusing> {
  if (candidate.kind === 'sold-out') return sellOut(candidate, fixture, place);
  if (candidate.kind === 'already-issued') return issueToAll(candidate, fixture, place);
  return { policyId: await freshPolicy(candidate, place), tokens: fixture.tokens };
}

const EXPECTED = { answer: '201', issue: '201', 'sold-out': '410', 'already-issued': '409' } as const;

function faultOf(
  { kind, givesUp }: Candidate,
  { result, metrics }: Loaded,
  unseen: number | undefined,
  connections: number,
  isExact: boolean,
): string | undefined {
  const statuses = metrics === undefined ? {} : statusesOf(metrics[1], metrics[2]);
  const others = Object.entries(statuses).filter(([status]) => status !== EXPECTED[kind]);
  if (others.length > 0 && !givesUp)
    return `answered ${others.map(([status, times]) => `${status} ${times} times`).join(', ')}`;
  const refuses = kind === 'sold-out' || kind === 'already-issued';
  const wrong = refuses ? result.requests - result.refused : result.refused;
  if (wrong > 0 && !givesUp) return `${wrong} of ${result.requests} answers were ${refuses ? 'successes' : 'refusals'}`;
  if (result.broken > 0) return `${result.broken} connections broke or timed out`;
  if (!isExact) return 'coupons, users, numbers and count disagree';
  // Each connection had at most one request under way when the load ended.
  if (unseen !== undefined && (unseen < 0 || unseen > connections)) return `${unseen} more stored than acknowledged`;
  return undefined;
}

function perIssue(pg: PgCounters, issued: number, metrics: Loaded['metrics']): PerIssue {
  const groups = metrics === undefined ? undefined : rise(metrics[0], metrics[2], 'stampede_lane_group_size_count');
  return {
    walSyncs: pg.walSyncs / issued,
    walBytes: pg.walBytes / issued,
    rows: pg.rows / issued,
    transactions: pg.transactions / issued,
    groups: groups === undefined ? undefined : groups / issued,
    deadlocks: pg.deadlocks,
  };
}
