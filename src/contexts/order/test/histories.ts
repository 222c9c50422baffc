import fc from 'fast-check';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { HOUR_MS, MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { decideOrders } from '../domain/decide-orders.ts';
import type { OrderDecision, OrderOutcome } from '../domain/decision.ts';
import { ORDER_STEPS } from '../domain/enumerations.ts';
import type { OrderInput } from '../domain/input.ts';
import { NOW_MS, product, timeSale } from './catalog.ts';
import { type Change, inputFor } from './commands.ts';
import { memoryOrderStore, memoryOrders } from './memory/order-store.ts';

export const OPEN_MAX = 4;
export const USERS = [7n, 8n] as const;

const refusal = { code: 'INSUFFICIENT_POINTS', details: { available: '0' } };
const anyAmount = fc.constantFrom<'exact' | 'wrong'>('exact', 'exact', 'exact', 'wrong');

/** What one asks before it is known which orders there are. `of` picks one of those by its place. */
type Request =
  | { readonly kind: 'place'; readonly command: OrderInput }
  | { readonly kind: 'change'; readonly of: number; readonly change: ChangeRequest };
type ChangeRequest =
  | { readonly kind: 'MONEY'; readonly name: 'ours' | 'theirs' | 'strange'; readonly amount: 'exact' | 'wrong' }
  | { readonly kind: 'ASKED' | 'DECLINED' }
  /** What is good news, or bad, about what the order waits for. */
  | { readonly kind: 'GOOD' | 'BAD' }
  | { readonly kind: 'REFUND_STEP' | 'REFUND_FAILED'; readonly place: number }
  | { readonly kind: 'plain'; readonly change: Change };

const item = fc.constantFrom(
  { productId: 1n, timeSaleId: null },
  { productId: 2n, timeSaleId: null },
  { productId: 1n, timeSaleId: 5n },
);
const place = fc
  .record({
    userId: fc.constantFrom(...USERS),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    contentHash: fc.constantFrom('x', 'x', 'x', 'x', 'y'),
    items: fc.uniqueArray(item, { minLength: 1, maxLength: 3 }),
    quantities: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }),
    couponId: fc.constantFrom(null, null, 9n),
    usePoints: fc.constantFrom(0n, 0n, 3_333n, 1_000_000n),
    expectedTotal: fc.constantFrom(null, null, null, 20_000n),
  })
  .map(({ items, quantities, ...rest }): Request => {
    const wanted = items.map((each, index) => ({ ...each, quantity: quantities[index] ?? 1 }));
    return { kind: 'place', command: { kind: 'PLACE', ...rest, items: wanted } };
  });

const hash = 'hash';
const plain: fc.Arbitrary<Change> = fc.oneof(
  fc.constantFrom(0n, 999n, 50_000n).map((discount): Change => ({ kind: 'COUPON_RESERVED', discount, storeId: null })),
  fc
    .constantFrom<Change['kind']>('COUPON_REFUSED', 'POINTS_REFUSED', 'COUPON_LOST', 'POINTS_LOST')
    .map((kind) => ({ kind, refusal }) as Change),
  fc
    .constantFrom<Change['kind']>(
      'POINTS_HELD',
      'COUPON_CONFIRMED',
      'POINTS_CAPTURED',
      'POINTS_RELEASED',
      'COUPON_RELEASED',
    )
    .map((kind) => ({ kind }) as Change),
  fc.constantFrom<Change>({ kind: 'TIME_OUT' }, { kind: 'CANCEL' }),
  fc.constantFrom(...ORDER_STEPS).map((step): Change => ({ kind: 'STEP_FAILED', step })),
  fc
    .record({ method: fc.constantFrom('POINTS', 'EXTERNAL'), key: fc.constantFrom('p', 'q', 'r') })
    .map(({ method, key }) => ({ kind: 'PAY', method, key, contentHash: hash }) as Change),
  fc
    .record({
      key: fc.constantFrom('s', 't', 'u', 'v'),
      lines: fc.array(fc.record({ line: fc.integer({ min: 1, max: 3 }), quantity: fc.integer({ min: 1, max: 2 }) }), {
        maxLength: 2,
      }),
    })
    .map(
      ({ key, lines }): Change => ({
        kind: 'REFUND',
        key,
        contentHash: hash,
        lines,
        stores: null,
        reason: 'broken',
        by: 'ADMIN 1',
      }),
    ),
);
const anyChange: fc.Arbitrary<ChangeRequest> = fc.oneof(
  { weight: 6, arbitrary: plain.map((change): ChangeRequest => ({ kind: 'plain', change })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ name: fc.constantFrom('ours', 'theirs', 'strange'), amount: anyAmount })
      .map((parts) => ({ kind: 'MONEY', ...parts }) as ChangeRequest),
  },
  { weight: 2, arbitrary: fc.constantFrom<ChangeRequest>({ kind: 'ASKED' }, { kind: 'DECLINED' }) },
  { weight: 6, arbitrary: fc.constantFrom<ChangeRequest>({ kind: 'GOOD' }, { kind: 'GOOD' }, { kind: 'BAD' }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ kind: fc.constantFrom('REFUND_STEP', 'REFUND_STEP', 'REFUND_FAILED'), place: fc.nat(3) })
      .map((parts) => parts as ChangeRequest),
  },
);

/** What leads an order to its payment, as far as its steps are these; else the changes change nothing. */
const onward: readonly ChangeRequest[] = [
  { kind: 'plain', change: { kind: 'COUPON_RESERVED', discount: 1_000n, storeId: null } },
  { kind: 'plain', change: { kind: 'POINTS_HELD' } },
  { kind: 'plain', change: { kind: 'PAY', method: 'EXTERNAL', key: 'o', contentHash: hash } },
  { kind: 'MONEY', name: 'theirs', amount: 'exact' },
  { kind: 'plain', change: { kind: 'COUPON_CONFIRMED' } },
  { kind: 'plain', change: { kind: 'POINTS_CAPTURED' } },
];
const ORDERS = 5;
const steps = fc.tuple(fc.nat(ORDERS), fc.integer({ min: 1, max: onward.length }));

const asks: fc.Arbitrary<readonly Request[]> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: place.map((ask) => [ask]) },
      {
        weight: 5,
        arbitrary: fc
          .tuple(fc.nat(ORDERS), anyChange)
          .map(([of, change]): Request[] => [{ kind: 'change', of, change }]),
      },
      {
        weight: 2,
        arbitrary: steps.map(([of, many]) =>
          onward.slice(0, many).map((change): Request => ({ kind: 'change', of, change })),
        ),
      },
    ),
    { maxLength: 8, size: 'max' },
  )
  .map((lists) => lists.flat());

const jumps = [0, 0, 0, 0, 1_000, 1_000, 9 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS];
/** Groups of asks, and how much time passes before each. */
export const history = fc
  .tuple(
    fc.array(place, { maxLength: 4 }),
    fc.array(fc.tuple(fc.constantFrom(...jumps), asks), { minLength: 1, maxLength: 10, size: 'max' }),
  )
  .map(([placed, batches]) => [[0, placed] as const, ...batches]);

/** Two products, one of them in a time sale, and everything that was decided about orders of them. */
export function world() {
  const state = memoryOrders();
  state.products.set(1n, product(1n, { supplied: 17, stock: 12, price: 10_007n }));
  state.products.set(2n, product(2n, { stock: 5, price: 333n }));
  state.timeSales.set(5n, timeSale(5n, { stock: 5, limitPerUser: 3 }));
  const store = memoryOrderStore(state);
  const nextId = countingIds(1_001n);
  const decisions: OrderDecision[] = [];

  /** Carries the commands out in batches that end where `cuts` say. */
  async function run(
    commands: readonly OrderInput[],
    nowMs: number,
    cuts: readonly number[],
  ): Promise<readonly OrderOutcome[]> {
    const outcomes: OrderOutcome[] = [];
    const ends = [...new Set([...cuts.filter((cut) => cut < commands.length), commands.length])].sort((a, b) => a - b);
    let from = 0;
    for (const to of ends) {
      const batch = commands.slice(from, to);
      const rules = { nowMs, nextId, reservationMs: 10 * MINUTE_MS, currency: 'KRW', openOrdersMax: OPEN_MAX };
      const { decision } = await store.changeBatch(batch, (seen) => decideOrders(seen, batch, rules));
      decisions.push(decision);
      outcomes.push(...decision.outcomes);
      from = to;
    }
    return outcomes;
  }

  /** The asks as commands about the orders that there are now. */
  const commandsOf = (of: readonly Request[]): readonly OrderInput[] =>
    of.map((ask): OrderInput => {
      if (ask.kind === 'place') return ask.command;
      const ids = [...state.orders.keys()];
      const orderId = ids[ask.of % Math.max(ids.length, 1)] ?? 1n;
      return inputFor(orderId, changeOf(orderId, ask.change));
    });

  function changeOf(orderId: bigint, ask: ChangeRequest): Change {
    if (ask.kind === 'plain') return ask.change;
    const order = state.orders.get(orderId);
    const last = [...state.payments.values()].findLast((payment) => payment.orderId === orderId);
    const payment = { paymentId: last?.id ?? 1n };
    switch (ask.kind) {
      case 'GOOD':
      case 'BAD':
        return resultOf(ask.kind === 'GOOD', orderId, payment);
      case 'MONEY': {
        const total = order ? order.subtotal - order.couponDiscount - order.pointsUsed : 0n;
        const amount = ask.amount === 'exact' ? total : total + 1n;
        const theirs = { providerRef: `${ask.name} ${orderId}` };
        return { kind: 'MONEY_IN', payment: ask.name === 'ours' ? payment : theirs, amount, source: 'DIRECT' };
      }
      case 'ASKED':
        return {
          kind: 'MONEY_ASKED',
          ...payment,
          providerRef: `theirs ${orderId}`,
          providerUrl: 'https://pay.example',
        };
      case 'DECLINED':
        return { kind: 'MONEY_REFUSED', payment, refusal, source: 'BUS' };
      case 'REFUND_STEP':
      case 'REFUND_FAILED': {
        const refunds = [...state.refunds.values()].filter((refund) => refund.orderId === orderId);
        const { id: refundId = 1n, step = null } = refunds[ask.place % Math.max(refunds.length, 1)] ?? {};
        return { kind: ask.kind, refundId, step: step ?? 'MONEY' };
      }
    }
  }

  /** Of the first thing that the order, or else one of its refunds, waits for. */
  function resultOf(good: boolean, orderId: bigint, payment: { readonly paymentId: bigint }): Change {
    const order = state.orders.get(orderId);
    const step = order?.state.step ?? null;
    const failed: Change = { kind: 'STEP_FAILED', step: step ?? 'TAKE_MONEY' };
    switch (step) {
      case 'RESERVE_COUPON':
        return good
          ? { kind: 'COUPON_RESERVED', discount: 1_000n, storeId: null }
          : { kind: 'COUPON_REFUSED', refusal };
      case 'HOLD_POINTS':
        return good ? { kind: 'POINTS_HELD' } : { kind: 'POINTS_REFUSED', refusal };
      case 'TAKE_MONEY':
        return good
          ? changeOf(orderId, { kind: 'MONEY', name: 'ours', amount: 'exact' })
          : { kind: 'MONEY_REFUSED', payment, refusal, source: 'DIRECT' };
      case 'CONFIRM_COUPON':
        return good ? { kind: 'COUPON_CONFIRMED' } : { kind: 'COUPON_LOST', refusal };
      case 'CAPTURE_POINTS':
        return good ? { kind: 'POINTS_CAPTURED' } : failed;
      case 'RELEASE_POINTS':
        return good ? { kind: 'POINTS_RELEASED' } : failed;
      case 'RELEASE_COUPON':
        return good ? { kind: 'COUPON_RELEASED' } : failed;
      case null:
        break;
    }
    const open = [...state.refunds.values()].find((refund) => refund.orderId === orderId && refund.step !== null);
    if (open?.step) return { kind: good ? 'REFUND_STEP' : 'REFUND_FAILED', refundId: open.id, step: open.step };
    const key = String(state.refunds.size + state.payments.size);
    if (order?.state.status !== 'PAID')
      return { kind: 'PAY', method: good ? 'POINTS' : 'EXTERNAL', key, contentHash: hash };
    const lines = good ? [{ line: 1, quantity: 1 }] : [];
    return { kind: 'REFUND', key, contentHash: hash, lines, stores: null, reason: 'broken', by: 'ADMIN 1' };
  }

  return { state, decisions, run, commandsOf };
}

export type World = ReturnType<typeof world>;
export { NOW_MS };
