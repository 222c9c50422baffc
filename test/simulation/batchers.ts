import {
  type CouponLifecycle,
  lifecycleBatch,
} from '../../src/contexts/coupon/application/lifecycle/coupon-lifecycle.ts';
import type { LifecycleCommand } from '../../src/contexts/coupon/domain/lifecycle/lifecycle-command.ts';
import type { LifecycleOutcome } from '../../src/contexts/coupon/domain/lifecycle/lifecycle-decision.ts';
import { type OrderBatcher, orderBatch } from '../../src/contexts/order/application/order-batcher.ts';
import { type SoldOutCache, soldOutCache } from '../../src/contexts/order/application/time-sale/sold-out-cache.ts';
import type { OrderOutcome } from '../../src/contexts/order/domain/decision.ts';
import type { OrderInput } from '../../src/contexts/order/domain/input.ts';
import { ledgerBatch, type PointLedger } from '../../src/contexts/point/application/point-ledger.ts';
import type { PointCommand } from '../../src/contexts/point/domain/command.ts';
import type { PointOutcome } from '../../src/contexts/point/domain/decision.ts';
import { outcomeOf } from '../../src/platform/kernel/command-key.ts';
import type { Monotonic } from '../../src/platform/kernel/moment.ts';
import { simulatedBatcher } from './batcher.ts';
import type { Owner } from './kernel.ts';
import type { NodeTime } from './node-time.ts';
import { HOLD_MS, OPEN_ORDERS_MAX } from './shop.ts';
import type { World } from './world.ts';

export const BALANCE_MAX = 1_000_000n;

/** The ways into the three contexts, of one process. */
export interface Batchers {
  readonly orders: Pick<OrderBatcher, 'submit' | 'submitOnce'>;
  readonly lifecycle: CouponLifecycle;
  readonly soldOut: SoldOutCache;
  readonly ledger: PointLedger;
  die(): Promise<void>;
}

export function batchersOf(world: World, owner: Owner, time: NodeTime, monotonic: Monotonic): Batchers {
  const { kernel, shop } = world;
  const soldOut = soldOutCache();
  const rules = { clock: time.estimate, nextId: shop.nextId };
  const decideOrders = orderBatch({
    ...rules,
    monotonic,
    soldOut,
    reservationMs: HOLD_MS,
    currency: 'KRW',
    openOrdersMax: OPEN_ORDERS_MAX,
  });
  const decideLifecycle = lifecycleBatch({ refusalCache: { invalidate: () => {} }, holdMs: HOLD_MS });
  const decidePoints = ledgerBatch({ ...rules, balanceMax: BALANCE_MAX });

  const orders = simulatedBatcher<OrderInput, OrderOutcome>(world, owner, time, 'orders', async (batch) => {
    const outcomes = (await decideOrders(shop.orders.store, batch)).map(outcomeOf);
    for (const [place, outcome] of outcomes.entries()) {
      kernel.say(owner.name, () => `orders: ${inputText(batch[place])} -> ${orderText(outcome)}`);
    }
    return outcomes;
  });

  const lifecycle = simulatedBatcher<LifecycleCommand, LifecycleOutcome>(
    world,
    owner,
    time,
    'coupons',
    async (batch) => {
      const outcomes = (await decideLifecycle(shop.coupons.store, batch)).map(outcomeOf);
      for (const [place, outcome] of outcomes.entries()) {
        kernel.say(owner.name, () => `coupons: ${lifecycleText(batch[place], outcome)}`);
      }
      return outcomes;
    },
  );

  const ledger = simulatedBatcher<PointCommand, PointOutcome>(world, owner, time, 'points', async (batch) => {
    const outcomes = (await decidePoints(shop.points.store, batch)).map(outcomeOf);
    for (const [place, outcome] of outcomes.entries()) {
      kernel.say(owner.name, () => `points: ${pointText(batch[place], outcome)}`);
    }
    return outcomes;
  });

  const stop = async () => {};
  return {
    orders: { submit: orders.submit, submitOnce: orders.submit },
    soldOut,
    lifecycle: { submit: lifecycle.submit, submitOnce: lifecycle.submit, submitBulk: lifecycle.submit, stop },
    ledger: { submit: ledger.submit, submitOnce: ledger.submit, submitBulk: ledger.submit, stop },
    async die() {
      for (const batcher of [orders, lifecycle, ledger]) await batcher.die();
    },
  };
}

function inputText(input: OrderInput | undefined): string {
  if (input?.kind === 'PLACE') return `PLACE ${input.key} of user ${input.userId}`;
  return input ? `order ${input.orderId} ${textOf(input.kind === 'COMMAND' ? input.command : input.result)}` : '';
}

function orderText(outcome: OrderOutcome): string {
  if (outcome.kind === 'refused') return textOf(outcome.refusal);
  const { id, state } = outcome.order;
  const note = outcome.kind === 'order' && !outcome.changed ? ' as before' : '';
  return `order ${id} ${state.status} ${'step' in state && state.step !== null ? state.step : ''}${note}`;
}

function lifecycleText(command: LifecycleCommand | undefined, outcome: LifecycleOutcome): string {
  if (outcome.kind === 'ignored') return `${textOf(command)} -> ignored`;
  if (outcome.kind === 'refused') return `${textOf(command)} -> ${textOf(outcome.refusal)}`;
  const { coupon, reservation } = outcome;
  return `${textOf(command)} -> coupon ${coupon.id} ${coupon.state.status}, reservation ${reservation?.status ?? '-'}`;
}

function pointText(command: PointCommand | undefined, outcome: PointOutcome): string {
  const result =
    outcome.kind === 'hold' ? outcome.hold.state : outcome.kind === 'refused' ? outcome.refusal : outcome.kind;
  return `${textOf(command)} -> ${textOf(result)}`;
}

export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)) ?? '';
