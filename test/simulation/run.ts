// npm run test:simulation: checkouts of 100,000 seeds, or of as many as are asked for (`-- <count> <first>`); see checkout.test.ts.
// SIMULATION_SEED=<seed> prints the history of one of them. Exits 1 when an invariant is broken.

import { story, trySeeds } from './seeds.ts';
import { simulate } from './simulate.ts';

const { SIMULATION_SEED } = process.env;
const [count = 100_000, first = 1] = process.argv.slice(2).map(Number);

if (SIMULATION_SEED !== undefined) {
  const run = await simulate(Number(SIMULATION_SEED), true);
  console.log(story(run));
  process.exitCode = run.problems.length === 0 ? 0 : 1;
} else {
  let done = 0;
  const { runs, steps, ends, failed } = await trySeeds(first, count, () => {
    done += 1;
    if (done % 10_000 === 0) console.log(`${done} of ${count} seeds`);
  });
  for (const each of failed) console.log(`${story(each)}\n`);
  for (const [end, times] of [...ends].sort()) console.log(`${String(times).padStart(8)} x ${end}`);
  console.log(`${runs} seeds, ${steps} steps, ${failed.length} with a broken invariant`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
