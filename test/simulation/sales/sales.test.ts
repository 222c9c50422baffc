import { expect, it } from 'vitest';
import { story, trySeeds } from '../seeds.ts';
import { simulateSales } from './simulate.ts';

// The order context as it wires itself, on one to three nodes with their caches of sold-out sales and the shared gate, over the memory store, a
// modelled network, Redis and clocks (ADR 111). A seed decides what customers and administrators do, which process runs next, ends or stands
// still, and which messages, COMMITs and responses are lost or late. Each response of each node is compared with what was committed
// (placement-problems.ts). Afterwards everything recovers, every request is sent again, and all invariants must hold (invariants.ts).
//
//   SIMULATION_SEED=42 npm run test:simulation -- --kind sales      prints the history of one seed
//   npm run test:simulation -- --kind sales                         tries 100,000 seeds

const { SIMULATION_SEED } = process.env;
const SEEDS = 600;

it.runIf(SIMULATION_SEED === undefined)(`time sales over several nodes are exact for ${SEEDS} seeds`, async () => {
  const { failed, ends } = await trySeeds('sales', 1, SEEDS);
  expect(failed.map(story).join('\n\n')).toBe('');
  // Runs in which little happens would prove little.
  expect(OUTCOMES.filter((outcome) => (ends.get(outcome) ?? 0) < 3)).toEqual([]);
});

it.runIf(SIMULATION_SEED !== undefined)('time sales are exact for the seed of SIMULATION_SEED', async () => {
  const run = await simulateSales(Number(SIMULATION_SEED), true);
  process.stdout.write(`${story(run)}\n`);
  expect(run.problems).toEqual([]);
});

it('the same seed produces the same history of time sales', async () => {
  for (const seed of [1, 2, 3])
    expect(story(await simulateSales(seed, true))).toBe(story(await simulateSales(seed, true)));
});

const OUTCOMES = [
  'order',
  'order again',
  'no response',
  'OUT_OF_STOCK',
  'PURCHASE_LIMIT_EXCEEDED',
  'TIME_SALE_NOT_ACTIVE',
  'IDEMPOTENCY_KEY_REUSED',
];
