import { afterAll, beforeAll, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { DAY_MS, MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { Unavailable } from '../../../platform/kernel/refusal.ts';
import { classifyFailure } from '../../../platform/postgres/batch-transaction.ts';
import { pointLedger } from '../application/point-ledger.ts';
import { BALANCE_MAX, charge, earn, NOW_MS } from './commands.ts';
import { nodeOver } from './open-stores.ts';

let home: TestDatabase;
let opened: ReturnType<typeof nodeOver>;
const nextId = countingIds();
beforeAll(async () => {
  home = await testDatabase();
  opened = nodeOver(home.programUrl, nextId);
});
afterAll(async () => {
  await opened.database.close();
  await home.drop();
});

const ledgerBy = (clock: () => number) =>
  pointLedger({
    storeFor: () => opened.store,
    clock,
    nextId,
    balanceMax: BALANCE_MAX,
    classify: classifyFailure,
    batchMax: 16,
  });
const balance = async (userId: bigint) =>
  (await opened.store.balance({ userId, nowMs: NOW_MS, soonMs: NOW_MS, expiringMax: 0 })).balance;

it.each([11, -11])(
  'a ledger whose clock is %i min ahead of the database moves nothing and reports it',
  async (minutes) => {
    const ledger = ledgerBy(() => NOW_MS + minutes * MINUTE_MS);
    await expect(ledger.submit(charge(7n, 5n, 'c'))).rejects.toBeInstanceOf(Unavailable);
    expect(await balance(7n)).toBe(0n);
    await ledger.stop();
  },
);

it('a ledger whose clock was wrong for a moment continues when it is right', async () => {
  let wrongTimes = 3;
  const ledger = ledgerBy(() => NOW_MS + (wrongTimes-- > 0 ? DAY_MS : 0));
  expect(await ledger.submit(earn(8n, 5n, 'e', DAY_MS / 2))).toMatchObject({ kind: 'done' });
  expect(await balance(8n)).toBe(5n);
  await ledger.stop();
});
