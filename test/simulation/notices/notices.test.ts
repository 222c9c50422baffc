import { expect, it } from 'vitest';
import { story, trySeeds } from '../seeds.ts';
import { simulateNotices } from './simulate.ts';

// The real code of the consumer, of reminders and of deliveries, over modelled rows, mail servers and events (ADR 77). A seed decides what users do,
// which process runs next, is killed or stands still for minutes, which transactions and responses are lost, and which events come again or in
// another order. Afterwards everything recovers, and all invariants must hold (invariants.ts).
//
//   SIMULATION_SEED=42 npm run test:simulation -- --kind notices      prints the history of one seed
//   npm run test:simulation -- --kind notices                         tries 100,000 seeds

const { SIMULATION_SEED } = process.env;
const SEEDS = 1_000;

it.runIf(SIMULATION_SEED === undefined)(`notices are sent as often as they may be for ${SEEDS} seeds`, async () => {
  const { failed, ends } = await trySeeds('notices', 1, SEEDS);
  expect(failed.map(story).join('\n\n')).toBe('');
  // Runs in which little happens would prove little.
  expect(ENDS.filter((end) => (ends.get(end) ?? 0) < 3)).toEqual([]);
});

it.runIf(SIMULATION_SEED !== undefined)(
  'notices are sent as often as they may be for the seed of SIMULATION_SEED',
  async () => {
    const run = await simulateNotices(Number(SIMULATION_SEED), true);
    process.stdout.write(`${story(run)}\n`);
    expect(run.problems).toEqual([]);
  },
);

it('the same seed produces the same history of notices', async () => {
  for (const seed of [1, 2, 3])
    expect(story(await simulateNotices(seed, true))).toBe(story(await simulateNotices(seed, true)));
});

const ENDS = [
  ...['SENT', 'UNKNOWN', 'DROPPED'].flatMap((state) => [`REMINDER ${state}`, `MARKETING ${state}`]),
  ...['QUIET', 'MARKETING_LIMIT'].map((reason) => `waited: ${reason}`),
  'TRANSACTIONAL SENT',
  'a mail of an order arrived twice',
];
