import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { type PostgresProxy, postgresProxy } from '../../../../test/support/postgres-proxy.ts';
import { type Batcher, createBatcher } from '../../../platform/batching/batcher.ts';
import { classifyFailure } from '../../../platform/postgres/batch-transaction.ts';
import type { LedgerStore } from '../application/ports.ts';
import type { PointCommand } from '../domain/command.ts';
import type { PointOutcome } from '../domain/decision.ts';
import { decideLedger } from '../domain/ledger.ts';
import {
  BALANCE_MAX,
  charge,
  hold,
  moneyIn,
  NOW_MS,
  openCharge,
  orderPaid,
  orderRefunded,
  release,
  spend,
  use,
} from './commands.ts';
import { expectSound, nodeOver } from './open-stores.ts';

let home: TestDatabase;
let proxy: PostgresProxy;
let direct: ReturnType<typeof nodeOver>;
let viaProxy: ReturnType<typeof nodeOver>;
/** Of the node whose COMMIT is lost, and of another one. */
let batcher: Batcher<PointCommand, PointOutcome>;
let other: Batcher<PointCommand, PointOutcome>;
const nextId = countingIds(1_001n);

beforeEach(async () => {
  home = await testDatabase();
  proxy = await postgresProxy(home.url);
  direct = nodeOver(home.url, nextId);
  viaProxy = nodeOver(proxy.url, nextId);
  batcher = batcherOver(viaProxy.store);
  other = batcherOver(direct.store);
  await other.submit(charge(7n, 1_000n, 'first'));
});
afterEach(async () => {
  await Promise.all([batcher.drain(), other.drain()]);
  await Promise.all([direct.database.close(), viaProxy.database.close()]);
  await proxy.close();
  await expectSound(home.url);
  await home.drop();
});

const batcherOver = (store: LedgerStore): Batcher<PointCommand, PointOutcome> =>
  createBatcher({
    name: 'test',
    classify: classifyFailure,
    execute: async (batch) => {
      const rules = { nowMs: NOW_MS, nextId, balanceMax: BALANCE_MAX };
      return (await store.changeBatch(batch, (seen) => decideLedger(seen, batch, rules), NOW_MS)).decision.outcomes;
    },
  });

describe('when the connection breaks at the COMMIT of a batch that posted nothing', () => {
  it.each(['answer lost', 'request lost'] as const)(
    'when the connection breaks at COMMIT, a hold that was released before it was placed stays released (%s)',
    async (what) => {
      proxy.atNextCommit(what);
      expect(await batcher.submit(release(7n, 'a'))).toMatchObject({ hold: { state: { status: 'RELEASED' } } });
      expect(proxy.cuts()).toBe(1);
      expect(await other.submit(hold(7n, 'a', 500n))).toMatchObject({ refusal: { code: 'HOLD_CONFLICT' } });
    },
  );

  it.each(['answer lost', 'request lost'] as const)(
    'when the connection breaks at COMMIT, points that could not be spent stay unspent (%s)',
    async (what) => {
      proxy.atNextCommit(what);
      expect(await batcher.submit(spend(7n, 'a', 1_500n))).toMatchObject({ refusal: { code: 'INSUFFICIENT_POINTS' } });
      expect(proxy.cuts()).toBe(1);
      await other.submit(charge(7n, 1_000n, 'second'));
      expect(await other.submit(spend(7n, 'a', 1_500n))).toMatchObject({ refusal: { code: 'INSUFFICIENT_POINTS' } });
    },
  );

  it.each(['answer lost', 'request lost'] as const)(
    'when the connection breaks at COMMIT, a refused key is refused again (%s)',
    async (what) => {
      proxy.atNextCommit(what);
      const refused = { refusal: { code: 'INSUFFICIENT_POINTS' } };
      expect(await batcher.submit(use(7n, 1_500n, 'a'))).toMatchObject({ ...refused, replayed: false });
      expect(proxy.cuts()).toBe(1);
      await other.submit(charge(7n, 1_000n, 'second'));
      expect(await other.submit(use(7n, 1_500n, 'a'))).toMatchObject({ ...refused, replayed: true });
    },
  );

  it.each(['answer lost', 'request lost'] as const)(
    'when the connection breaks at COMMIT, a charge that was opened is there, and is paid once (%s)',
    async (what) => {
      proxy.atNextCommit(what);
      const outcome = await batcher.submit(openCharge(7n, 500n, 'k'));
      expect(outcome).toMatchObject({ kind: 'charge', charge: { state: { status: 'PENDING' } } });
      expect(proxy.cuts()).toBe(1);
      if (outcome.kind !== 'charge') return;
      proxy.atNextCommit(what);
      expect(await batcher.submit(moneyIn(outcome.charge))).toMatchObject({ charge: { state: { balance: 1_500n } } });
      expect(proxy.cuts()).toBe(2);
      expect(await other.submit(moneyIn(outcome.charge))).toMatchObject({ changed: false });
      proxy.atNextCommit(what);
      const second = moneyIn(outcome.charge, 500n, { paymentId: 9n });
      await batcher.submit(second);
      expect(await other.submit(second)).toMatchObject({ changed: false });
      expect((await direct.store.findCharge(outcome.charge.id))?.refunds).toHaveLength(1);
    },
  );

  it.each(['answer lost', 'request lost'] as const)(
    'when the connection breaks at COMMIT, a refund before the payment of its order is known, and takes its points once (%s)',
    async (what) => {
      proxy.atNextCommit(what);
      await batcher.submit(orderRefunded(7n, 'o', 4_000n));
      expect(proxy.cuts()).toBe(1);
      proxy.atNextCommit(what);
      await batcher.submit(orderPaid(7n, 'o', 10_000n));
      expect(proxy.cuts()).toBe(2);
      const { balance } = await direct.store.balance({ userId: 7n, nowMs: NOW_MS, soonMs: NOW_MS, expiringMax: 0 });
      expect(balance).toBe(1_060n);
    },
  );
});
