import { asAdmin } from '../support/postgres.ts';
import { rotated } from '../support/rotated.ts';
import { migrateSystem } from '../support/system.ts';
import { createBaselineTables } from './baselines/schema.ts';
import { CANDIDATES, type Candidate } from './candidates.ts';
import type { Fixture } from './fixture.ts';
import { type Measurement, runMeasurement } from './measurement.ts';
import type { BenchOptions } from './options.ts';

export interface MainSection {
  readonly ranAt: string;
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly leftOut: readonly string[];
  /** Pool sizes tried, and issues a second with each. */
  readonly pools: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** In the order of measuring; `round` from 0. */
  readonly measurements: readonly (Measurement & { readonly round: number })[];
}

/** In addition to the main table: the rate with fewer connections, and the latency of one connection alone. */
const NARROW: readonly { readonly id: string; readonly connections: number }[] = [
  { id: 'b', connections: 64 },
  { id: 'c', connections: 64 },
  { id: 'c2', connections: 64 },
  { id: 'c2', connections: 1 },
  { id: 'c', connections: 1 },
  { id: 'f', connections: 1 },
];
const TRIAL_SECONDS = 2;

export async function runMain(
  fixture: Fixture,
  options: BenchOptions,
  say: (line: string) => void,
): Promise<MainSection> {
  const databaseUrl = await fixture.createDatabase('main');
  await migrateSystem(databaseUrl);
  await asAdmin(databaseUrl, createBaselineTables);
  const otherUrl = options.against === undefined ? undefined : await fixture.createDatabase('other');
  if (otherUrl !== undefined) await migrateSystem(otherUrl, options.against);
  const selected = CANDIDATES.filter(({ id }) => options.only.length === 0 || options.only.includes(id));
  const available = selected.filter(({ id }) => id !== 'c2' || otherUrl !== undefined);
  const candidates = available.filter(({ needsRedis }) => !needsRedis || fixture.redis !== undefined);
  const leftOut = available.filter((candidate) => !candidates.includes(candidate)).map(({ id }) => id);
  if (leftOut.length > 0) say(`Left out: ${leftOut.join(', ')}, because no redis-server is installed.`);

  const { seconds, warmSeconds, rounds, connections } = options;
  const pools: Record<string, Record<string, number>> = {};
  for (const candidate of candidates.filter(({ pooled }) => pooled)) {
    const tried: Record<string, number> = {};
    for (const poolMax of options.pools) {
      const trial = { connections, seconds: TRIAL_SECONDS, warmSeconds: 1, poolMax };
      const { perSecond } = await runMeasurement(candidate, fixture, databaseUrl, trial);
      tried[String(poolMax)] = perSecond;
    }
    pools[candidate.id] = tried;
    say(
      `pool of ${candidate.id}: ${Object.entries(tried)
        .map(([size, rate]) => `${size} -> ${Math.round(rate)}/s`)
        .join(', ')}`,
    );
  }

  const measurements: (Measurement & { round: number })[] = [];
  const measure = async (candidate: Candidate, width: number, round: number): Promise<void> => {
    const poolMax = bestPool(pools[candidate.id]);
    const url = candidate.id === 'c2' && otherUrl !== undefined ? otherUrl : databaseUrl;
    const measurement = await runMeasurement(candidate, fixture, url, {
      connections: width,
      seconds,
      warmSeconds,
      poolMax,
    });
    measurements.push({ ...measurement, round });
    const { server = Number.NaN, postgres = Number.NaN } = measurement.cpuUs;
    const cpu = `   CPU of 1,000: server ${server} ms, PostgreSQL ${postgres} ms`;
    const fault = measurement.fault === undefined ? '' : `   FAULT: ${measurement.fault}`;
    say(
      `round ${round + 1}  ${candidate.id.padEnd(3)} ${String(width).padStart(4)} connections ${rate(measurement.perSecond)}/s${cpu}${fault}`,
    );
  };
  for (let round = 0; round < rounds; round++) {
    for (const candidate of rotated(candidates, round)) await measure(candidate, connections, round);
    for (const { id, connections: width } of options.narrow ? NARROW : []) {
      const candidate = candidates.find((one) => one.id === id);
      if (candidate !== undefined) await measure(candidate, width, round);
    }
  }
  return { ranAt: new Date().toISOString(), seconds, warmSeconds, rounds, connections, leftOut, pools, measurements };
}

const rate = (perSecond: number): string => Math.round(perSecond).toLocaleString('en').padStart(8);

function bestPool(tried: Readonly<Record<string, number>> | undefined): number {
  const [best] = Object.entries(tried ?? {}).toSorted(([, a], [, b]) => b - a);
  return best === undefined ? 1 : Number(best[0]);
}
