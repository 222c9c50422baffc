// npm run test:simulation [-- --kind checkout|rush|notices|sales --seeds 100000 --first 1]: see checkout.test.ts, cluster/rush.test.ts,
// notices/notices.test.ts and sales/sales.test.ts.
// SIMULATION_SEED=<seed> prints the history of one of them. Exits 1 when an invariant is broken.

import { parseArgs } from 'node:util';
import { KINDS, type Kind, story, trySeeds } from './seeds.ts';

const { SIMULATION_SEED } = process.env;
const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'checkout' },
    seeds: { type: 'string', default: '100000' },
    first: { type: 'string', default: '1' },
  },
});
const isKind = (kind: string): kind is Kind => Object.hasOwn(KINDS, kind);
const { kind } = values;
if (!isKind(kind)) throw new Error(`--kind is one of ${Object.keys(KINDS).join(', ')}`);

if (SIMULATION_SEED !== undefined) {
  const run = await KINDS[kind](Number(SIMULATION_SEED), true);
  console.log(story(run));
  process.exitCode = run.problems.length === 0 ? 0 : 1;
} else {
  const count = Number(values.seeds);
  let done = 0;
  const { runs, steps, ends, failed } = await trySeeds(kind, Number(values.first), count, () => {
    done += 1;
    if (done % 10_000 === 0) console.log(`${done} of ${count} seeds`);
  });
  for (const each of failed) console.log(`${story(each)}\n`);
  for (const [end, times] of [...ends].sort()) console.log(`${String(times).padStart(8)} x ${end}`);
  console.log(`${runs} seeds, ${steps} steps, ${failed.length} with a broken invariant`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
