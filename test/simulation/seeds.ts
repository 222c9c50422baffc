import { simulateCluster } from './cluster/simulate.ts';
import { simulateNotices } from './notices/simulate.ts';
import { simulateSales } from './sales/simulate.ts';
import { type Simulated, simulate } from './simulate.ts';

/** What is simulated. */
export const KINDS = {
  checkout: simulate,
  rush: simulateCluster,
  notices: simulateNotices,
  sales: simulateSales,
} as const;
export type Kind = keyof typeof KINDS;

export interface Tried {
  readonly runs: number;
  readonly steps: number;
  /** How many orders, charges and earnings ended as what; of a rush or of sales, in how many runs there was an outcome; of notices, what became of messages. */
  readonly ends: ReadonlyMap<string, number>;
  readonly failed: readonly Simulated[];
}

/** Enough to see whether they have one cause. */
const FAILURES_MAX = 5;

/** Runs seeds one after the other, and those that fail once more, with a trace. */
export async function trySeeds(
  kind: Kind,
  first: number,
  count: number,
  onRun: (run: Simulated) => void = () => {},
): Promise<Tried> {
  const ends = new Map<string, number>();
  const failed: Simulated[] = [];
  let [runs, steps] = [0, 0];
  for (let seed = first; seed < first + count && failed.length < FAILURES_MAX; seed++) {
    const run = await KINDS[kind](seed);
    runs += 1;
    steps += run.steps;
    for (const end of run.ends) ends.set(end, (ends.get(end) ?? 0) + 1);
    if (run.problems.length > 0) failed.push(await KINDS[kind](seed, true));
    onRun(run);
    // Nothing else of this process had a turn meanwhile.
    if (runs % 100 === 0) await new Promise(setImmediate);
  }
  return { runs, steps, ends, failed };
}

/** What happened, and what is wrong with it. */
export const story = ({ seed, trace, problems }: Simulated): string =>
  [`SIMULATION_SEED=${seed}`, ...trace, ...problems.map((problem) => `WRONG: ${problem}`)].join('\n');
