import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { UNSOLD } from '../issue/candidates.ts';
import type { Fixture } from '../issue/fixture.ts';
import { cpuOf } from '../support/cpu.ts';
import { startSystem } from '../support/system.ts';
import type { LagOptions } from './options.ts';

export interface LagMeasurement {
  readonly system: string;
  readonly seconds: number;
  readonly issued: number;
  readonly issuedPerSecond: number;
  /** CPU seconds of the server's process for each second of load. */
  readonly serverCpu: number;
  /** Of the samples under load. */
  readonly ageSecondsMax: number;
  /** Of the last sample under load. */
  readonly ageSecondsLast: number;
  /** From the end of the load to an empty outbox. */
  readonly drainSeconds: number;
  /** What the statistics count does not agree with, or undefined. */
  readonly fault: string | undefined;
  /** [seconds since the start, age of the oldest outbox row in seconds]; one a second. */
  readonly samples: readonly (readonly [number, number])[];
}

const SAMPLE_MS = 1_000;
/** The load of each policy; then the tokens are reused for the next policy. */
export const POLICY_SECONDS = 10;
const DRAIN_MAX_MS = 600_000;

const AGE = `
  select coalesce((select extract(epoch from clock_timestamp() - created_at)::float8
    from platform.outbox order by xid, place limit 1), 0) as age`;
const COUNTS = `
  select (select count(*) from coupon.coupon_issues)::int as coupons,
    (select coalesce(sum(issued), 0) from statistics.hourly)::int as counted`;

/** Issues at full speed on a fresh database, and waits until every event had its effect. */
export async function runMeasurement(
  fixture: Fixture,
  options: LagOptions,
  main: string,
  name: string,
): Promise<LagMeasurement> {
  const databaseUrl = await fixture.createDatabase(name);
  const system = await startSystem({ ...fixture, databaseUrl, main });
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const tokens = accessTokens(fixture.jwtSecret, Date.now);
  const age = async (): Promise<number> => (await client.query<{ age: number }>(AGE)).rows[0]?.age ?? 0;
  const samples: (readonly [number, number])[] = [];
  const startedMs = performance.now();
  const elapsed = (): number => (performance.now() - startedMs) / 1_000;
  let loading = true;
  const sampling = (async () => {
    for (; loading; await sleep(SAMPLE_MS)) samples.push([elapsed(), await age()]);
  })();
  let issued = 0;
  let loadSeconds = 0;
  const cpuBefore = cpuOf(system.pid) ?? Number.NaN;
  try {
    while (elapsed() < options.seconds) {
      const policyId = await createPolicy(new URL(system.url), tokens, UNSOLD, Date.now());
      const seconds = Math.min(POLICY_SECONDS, options.seconds);
      const load = { url: system.url, policyIds: [policyId], tokens: fixture.tokens, repeats: false };
      const result = await fixture.load.send({ ...load, connections: options.connections, seconds });
      issued += result.requests - result.refused;
      loadSeconds += result.seconds;
    }
    const serverCpu = ((cpuOf(system.pid) ?? Number.NaN) - cpuBefore) / elapsed();
    loading = false;
    await sampling;
    const ageSecondsLast = samples.at(-1)?.[1] ?? Number.NaN;
    const endedMs = performance.now();
    while ((await age()) > 0 && performance.now() - endedMs < DRAIN_MAX_MS) await sleep(100);
    const drainSeconds = (performance.now() - endedMs) / 1_000;
    const { rows } = await client.query<{ coupons: number; counted: number }>(COUNTS);
    const { coupons = 0, counted = 0 } = rows[0] ?? {};
    return {
      system: main,
      seconds: loadSeconds,
      issued,
      issuedPerSecond: issued / loadSeconds,
      serverCpu,
      ageSecondsMax: Math.max(...samples.map(([, seconds]) => seconds)),
      ageSecondsLast,
      drainSeconds,
      fault: coupons === counted ? undefined : `${coupons} coupons, ${counted} counted from events`,
      samples: samples.map(([at, seconds]) => [round(at), round(seconds)]),
    };
  } finally {
    loading = false;
    await sampling.catch(() => undefined);
    await client.end();
    await system.stop();
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;
