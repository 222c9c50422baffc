import { expect, it } from 'vitest';
import { story, trySeeds } from './seeds.ts';
import { simulate } from './simulate.ts';

// The real code of checkouts, of charges of points and of earning them by orders, over the memory stores of the three contexts. A seed decides everything around it: what customers do,
// which process runs next, where a process dies or freezes, which commits, responses and messages are lost, late, repeated or
// reordered, what the provider reports, and how time passes. After each run everything recovers, time advances until nothing is due,
// and then all invariants must hold (invariants.ts).
//
// A failure prints its seed and its history. SIMULATION_SEED=<seed> repeats that one alone:
//   SIMULATION_SEED=42 npx vitest run test/simulation      (or npm run test:simulation)
// npm run test:simulation tries 100,000 seeds.

const { SIMULATION_SEED } = process.env;
const SEEDS = 8_000;

it.runIf(SIMULATION_SEED === undefined)(`checkouts, charges and earnings add up for ${SEEDS} seeds`, async () => {
  const { failed, ends } = await trySeeds('checkout', 1, SEEDS);
  expect(failed.map(story).join('\n\n')).toBe('');
  // Runs in which little happens would prove little.
  expect(ENDS.filter((end) => (ends.get(end) ?? 0) < 3)).toEqual([]);
});

it.runIf(SIMULATION_SEED !== undefined)(
  'checkouts, charges and earnings add up for the seed of SIMULATION_SEED',
  async () => {
    const run = await simulate(Number(SIMULATION_SEED), true);
    process.stdout.write(`${story(run)}\n`);
    expect(run.problems).toEqual([]);
  },
);

it('the same seed produces the same history', async () => {
  for (const seed of [1, 2, 3]) expect(story(await simulate(seed, true))).toBe(story(await simulate(seed, true)));
});

/** Every way in which an order fails after it was placed. */
const FAILURES = [
  'COUPON_ALREADY_USED',
  'COUPON_EXPIRED',
  'COUPON_NOT_AVAILABLE',
  'INSUFFICIENT_POINTS',
  'MINIMUM_ORDER_NOT_MET',
  'PAYMENT_AMOUNT_MISMATCH',
  'PAYMENT_DECLINED',
  'PRICE_CHANGED',
  'RESERVATION_CONFLICT',
];

const ENDS = [
  ...['PAID', 'REFUNDED', 'CANCELLED', 'EXPIRED'].map((status) => `order ${status}`),
  ...FAILURES.map((code) => `order FAILED ${code}`),
  ...['COMPLETED', 'REFUNDED', 'EXPIRED'].map((status) => `charge ${status}`),
  ...['PAYMENT_DECLINED', 'PAYMENT_AMOUNT_MISMATCH'].map((code) => `charge FAILED ${code}`),
  ...['kept', 'taken back', 'owed'].map((end) => `earning ${end}`),
];
