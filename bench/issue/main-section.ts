import { asAdmin } from '../support/postgres.ts';
import { migrateSystem } from '../support/system.ts';
import { createContenderTables } from './contenders/schema.ts';
import { ENTRANTS, type Entrant } from './entrants.ts';
import type { Ground } from './ground.ts';
import type { BenchOptions } from './options.ts';
import { runSlice, type Slice } from './slice.ts';

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
  readonly slices: readonly (Slice & { readonly round: number })[];
}

/** Besides the main table: what is left with fewer connections, and how long one alone waits. */
const NARROW: readonly { readonly id: string; readonly connections: number }[] = [
  { id: 'b', connections: 64 },
  { id: 'c', connections: 64 },
  { id: 'c', connections: 1 },
  { id: 'f', connections: 1 },
];
const TRIAL_SECONDS = 2;

export async function runMain(
  ground: Ground,
  options: BenchOptions,
  say: (line: string) => void,
): Promise<MainSection> {
  const databaseUrl = await ground.createDatabase('main');
  await migrateSystem(databaseUrl);
  await asAdmin(databaseUrl, createContenderTables);
  const asked = ENTRANTS.filter(({ id }) => options.only.length === 0 || options.only.includes(id));
  const entrants = asked.filter(({ needsRedis }) => !needsRedis || ground.redis !== undefined);
  const leftOut = asked.filter((entrant) => !entrants.includes(entrant)).map(({ id }) => id);
  if (leftOut.length > 0) say(`Left out: ${leftOut.join(', ')}, because no redis-server is installed.`);

  const { seconds, warmSeconds, rounds, connections } = options;
  const pools: Record<string, Record<string, number>> = {};
  for (const entrant of entrants.filter(({ pooled }) => pooled)) {
    const tried: Record<string, number> = {};
    for (const poolMax of options.pools) {
      const trial = { connections, seconds: TRIAL_SECONDS, warmSeconds: 1, poolMax };
      const { perSecond } = await runSlice(entrant, ground, databaseUrl, trial);
      tried[String(poolMax)] = perSecond;
    }
    pools[entrant.id] = tried;
    say(
      `pool of ${entrant.id}: ${Object.entries(tried)
        .map(([size, rate]) => `${size} -> ${Math.round(rate)}/s`)
        .join(', ')}`,
    );
  }

  const slices: (Slice & { round: number })[] = [];
  const measure = async (entrant: Entrant, width: number, round: number): Promise<void> => {
    const poolMax = bestPool(pools[entrant.id]);
    const slice = await runSlice(entrant, ground, databaseUrl, { connections: width, seconds, warmSeconds, poolMax });
    slices.push({ ...slice, round });
    const fault = slice.fault === undefined ? '' : `   FAULT: ${slice.fault}`;
    say(
      `round ${round + 1}  ${entrant.id.padEnd(3)} ${String(width).padStart(4)} connections ${rate(slice.perSecond)}/s${fault}`,
    );
  };
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another entrant, so that none always follows the same one.
    for (const entrant of rotated(entrants, round)) await measure(entrant, connections, round);
    for (const { id, connections: width } of options.narrow ? NARROW : []) {
      const entrant = entrants.find((one) => one.id === id);
      if (entrant !== undefined) await measure(entrant, width, round);
    }
  }
  return { ranAt: new Date().toISOString(), seconds, warmSeconds, rounds, connections, leftOut, pools, slices };
}

const rate = (perSecond: number): string => Math.round(perSecond).toLocaleString('en').padStart(8);

const rotated = <T>(list: readonly T[], by: number): readonly T[] => {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
};

function bestPool(tried: Readonly<Record<string, number>> | undefined): number {
  const [best] = Object.entries(tried ?? {}).toSorted(([, a], [, b]) => b - a);
  return best === undefined ? 1 : Number(best[0]);
}
