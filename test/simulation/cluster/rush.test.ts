import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { story, trySeeds } from '../seeds.ts';
import { simulateCluster } from './simulate.ts';

// The real code of gateways and coupon nodes, from the refusal at a gateway to the statement, over modelled rows, locks, connections and
// clocks (ADR 66). A seed decides what customers and managers do, which process runs next, which ends, stands still or is cut off,
// which messages and COMMITs are lost or late, and when the primary of PostgreSQL is lost. Afterwards everything recovers, every user
// asks once more, and all invariants must hold (invariants.ts); each refusal is checked against what was committed (history.ts).
//
//   SIMULATION_SEED=42 npm run test:simulation -- --kind rush      prints the history of one seed
//   npm run test:simulation -- --kind rush                         tries 100,000 seeds

const { SIMULATION_SEED, RUSH_SEEDS = '500' } = process.env;
const SEEDS = Number(RUSH_SEEDS);

it.runIf(SIMULATION_SEED === undefined)(
  `a rush over several nodes and gateways is exact for ${SEEDS} seeds`,
  async () => {
    const { failed, ends } = await trySeeds('rush', 1, SEEDS);
    expect(failed.map(story).join('\n\n')).toBe('');
    // Runs in which little happens would prove little.
    expect(OUTCOMES.filter((outcome) => (ends.get(outcome) ?? 0) < 3)).toEqual([]);
  },
);

it.runIf(SIMULATION_SEED !== undefined)('a rush is exact for the seed of SIMULATION_SEED', async () => {
  const run = await simulateCluster(Number(SIMULATION_SEED), true);
  process.stdout.write(`${story(run)}\n`);
  expect(run.problems).toEqual([]);
});

it('the same seed produces the same history of a rush', async () => {
  for (const seed of [1, 2, 3]) {
    expect(story(await simulateCluster(seed, true))).toBe(story(await simulateCluster(seed, true)));
  }
});

it('the history of a rush does not depend on what the test runner has deferred', async () => {
  const history = story(await simulateCluster(1, true));
  const { nextTick } = process;
  // As vitest does after each message to its main process.
  nextTick(() => {
    process.nextTick = nextTick;
  });
  expect(story(await simulateCluster(1, true))).toBe(history);
});

it('a fresh process produces the same history of a rush', async () => {
  const history = story(await simulateCluster(1, true));
  const options = { env: { ...process.env, SIMULATION_SEED: '1' } };
  const { stdout } = await promisify(execFile)(process.execPath, ['test/simulation/run.ts', '--kind', 'rush'], options);
  expect(stdout).toBe(`${history}\n`);
});

const OUTCOMES = [
  'coupon',
  'no response',
  'replay',
  'COUPON_ALREADY_ISSUED',
  'COUPON_ISSUE_LIMIT_EXCEEDED',
  'IDEMPOTENCY_KEY_REUSED',
  'COUPON_SOLD_OUT',
  'POLICY_INACTIVE',
  'POLICY_NOT_STARTED',
  'POLICY_SUSPENDED',
  'reservation CONFIRMED',
  'reservation CANCELLED',
  'reservation EXPIRED',
];
