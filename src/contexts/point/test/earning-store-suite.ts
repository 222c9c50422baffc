import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DAY_MS } from '../../../platform/kernel/durations.ts';
import type { PointCommand } from '../domain/command.ts';
import { decideLedger } from '../domain/ledger.ts';
import { BALANCE_MAX, cancel, earn, NOW_MS, orderPaid, orderRefunded, use } from './commands.ts';
import type { OpenStores } from './open-stores.ts';

const USER = 7n;

/** What every store keeps of points that orders earn. After each test the caller's `close` audits everything. */
export function earningStoreSuite(open: () => Promise<OpenStores>): void {
  let stores: OpenStores;
  beforeEach(async () => {
    stores = await open();
  });
  afterEach(() => stores.close());

  async function run(commands: readonly PointCommand[], node = 0, nowMs = NOW_MS) {
    const store = stores.nodes[node % stores.nodes.length] ?? stores.nodes[0];
    const rules = { nowMs, nextId: stores.nextId, balanceMax: BALANCE_MAX };
    return (await store.changeBatch(commands, (seen) => decideLedger(seen, commands, rules), nowMs)).decision;
  }
  const points = async (userId = USER, nowMs = NOW_MS) => {
    const found = await stores.nodes[1].balance({ userId, nowMs, soonMs: nowMs, expiringMax: 0 });
    return [found.available, found.pending, found.receivable];
  };

  it('an order earns its rate of what was paid in money, rounded down, once, and later than it was paid', async () => {
    const availableAtMs = NOW_MS + 7 * DAY_MS;
    await run([orderPaid(USER, 'o', 1_999n, availableAtMs), orderPaid(USER, 'o', 1_999n, availableAtMs)]);
    await Promise.all(Array.from({ length: 10 }, (_, n) => run([orderPaid(USER, 'o', 1_999n, availableAtMs)], n)));
    expect(await points()).toEqual([0n, 19n, 0n]);
    expect(await points(USER, availableAtMs)).toEqual([19n, 0n, 0n]);
    const [earned] = await stores.nodes[0].history({ userId: USER, limit: 10 });
    expect(earned).toMatchObject({ type: 'EARN', amount: 19n, orderId: 'o' });
  });

  it('a refund takes back the points of its money, also of a part, and what was spent of them is owed', async () => {
    await run([orderPaid(USER, 'o', 10_000n)]);
    await run([orderRefunded(USER, 'o', 2_550n), orderRefunded(USER, 'o', 2_550n)]);
    expect(await points()).toEqual([74n, 0n, 0n]);
    await run([use(USER, 70n, 'u')]);
    const refunds = Array.from({ length: 10 }, (_, n) => run([orderRefunded(USER, 'o', 10_000n)], n));
    await Promise.all(refunds);
    expect(await points()).toEqual([0n, 0n, 70n]);
    await run([orderPaid(USER, 'next', 10_000n)]);
    expect(await points()).toEqual([30n, 0n, 0n]);
    // The lot of the next order has only what did not repay the debt.
    await run([orderRefunded(USER, 'next', 10_000n)]);
    expect(await points()).toEqual([0n, 0n, 70n]);
  });

  it('a refund that is reported before the payment leaves the points of the rest', async () => {
    await run([orderRefunded(USER, 'o', 4_000n)]);
    expect(await points()).toEqual([0n, 0n, 0n]);
    await run([orderPaid(USER, 'o', 10_000n), orderRefunded(USER, 'o', 3_000n)], 1);
    expect(await points()).toEqual([60n, 0n, 0n]);
    await run([orderRefunded(USER, 'whole', 500n)]);
    await run([orderPaid(USER, 'whole', 500n)]);
    expect((await run([orderPaid(USER, 'none', 99n)])).postings).toEqual([]);
    expect(await points()).toEqual([60n, 0n, 0n]);
  });

  it('orders keep their points apart, and other earned points stay', async () => {
    await run([
      earn(USER, 5n, 'gift'),
      orderPaid(USER, 'o', 1_000n),
      orderPaid(USER, 'p', 2_000n),
      orderPaid(8n, 'o', 300n),
    ]);
    await run([orderRefunded(USER, 'o', 1_000n), orderRefunded(8n, 'p', 100n)]);
    expect([await points(), await points(8n)]).toEqual([
      [25n, 0n, 0n],
      [3n, 0n, 0n],
    ]);
  });

  it('every history of payments, refunds, uses and cancellations leaves the points for the money that was kept', async () => {
    const step = fc.record({
      what: fc.constantFrom('pay', 'refund', 'refund', 'use', 'gift', 'cancel'),
      order: fc.constantFrom('a', 'b', 'c'),
      amount: fc.bigInt({ min: 0n, max: 20_000n }),
    });
    let user = 1_000n;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        user += 1n;
        const paid = new Map<string, bigint>();
        const refunded = new Map<string, bigint>();
        let other = 0n;
        for (const [index, { what, order, amount }] of steps.entries()) {
          if (what === 'pay') {
            const first = paid.get(order) ?? amount;
            paid.set(order, first);
            await run([orderPaid(user, order, first)], index);
          } else if (what === 'refund') {
            const sum = amount > (refunded.get(order) ?? 0n) ? amount : (refunded.get(order) ?? 0n);
            refunded.set(order, sum);
            await run([orderRefunded(user, order, amount)], index);
          } else if (what === 'use') {
            const { postings } = await run([use(user, 1n + amount / 200n, `u${index}`)], index);
            for (const { amount: spent } of postings) other -= spent;
          } else if (what === 'gift') {
            const given = 1n + amount / 400n;
            other += given;
            await run([earn(user, given, `g${index}`)], index);
          } else {
            const source = (await stores.nodes[0].history({ userId: user, limit: 50 })).find(
              ({ type }) => type === 'USE',
            );
            if (source === undefined) continue;
            const { postings } = await run([cancel(source)], index);
            for (const { amount: back } of postings) other += back;
          }
        }
        let due = other;
        for (const [order, money] of paid) {
          const kept = money - (refunded.get(order) ?? 0n);
          if (kept > 0n) due += kept / 100n;
        }
        const [available = 0n, pending = 0n, receivable = 0n] = await points(user);
        expect(available + pending - receivable).toBe(due);
      }),
      { numRuns: 25 },
    );
  });
}
