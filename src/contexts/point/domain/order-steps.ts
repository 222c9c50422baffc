import { minOf } from '../../../platform/kernel/money.ts';
import { keys, type OrderCommand } from './command.ts';
import type { PointOutcome } from './decision.ts';
import { prolong, returnOf } from './give-back.ts';
import type { Hold, HoldState } from './hold.ts';
import type { LedgerDesk } from './ledger-desk.ts';
import { held, holdConflict, insufficient, refused } from './outcome.ts';

type Of<Kind extends OrderCommand['kind']> = Extract<OrderCommand, { readonly kind: Kind }>;

export function hold(desk: LedgerDesk, { userId, orderId, amount }: Of<'HOLD'>): PointOutcome {
  const present = desk.hold(userId, orderId);
  if (present) {
    if (present.state.status !== 'HELD') return holdConflict(`the hold of this order is ${present.state.status}`);
    return present.amount === amount ? held(present) : holdConflict(`this order holds ${present.amount}`);
  }
  const queue = desk.spendable(userId);
  const lots = queue.plan(amount);
  if (!lots) return insufficient(queue.available());
  const parts = { key: keys.order('HOLD', orderId), orderId };
  const { id } = desk.post({ userId, type: 'HOLD', from: 'USER', to: 'HELD', amount, lots, parts });
  return set(desk, { userId, orderId, amount, transactionId: id, state: { status: 'HELD' } });
}

/** The lots keep their expiry: a hold that prolonged them would keep points alive for good. */
export function release(desk: LedgerDesk, { userId, orderId }: Of<'RELEASE'>): PointOutcome {
  const present = desk.hold(userId, orderId);
  if (!present) {
    return set(desk, { userId, orderId, amount: 0n, transactionId: null, state: { status: 'RELEASED' } });
  }
  if (present.state.status === 'RELEASED') return held(present);
  if (present.state.status === 'CAPTURED') return holdConflict('the hold of this order is CAPTURED');
  const { amount, transactionId: sourceId } = present;
  const lots = returnOf(takenBy(desk, present), amount);
  const parts = { key: keys.order('RELEASE', orderId), orderId, sourceId };
  desk.post({ userId, type: 'RELEASE', from: 'HELD', to: 'USER', amount, lots, parts });
  return become(desk, present, { status: 'RELEASED' });
}

export function capture(desk: LedgerDesk, { userId, orderId }: Of<'CAPTURE'>): PointOutcome {
  const present = desk.hold(userId, orderId);
  if (!present) return refused('HOLD_NOT_FOUND');
  if (present.state.status === 'CAPTURED') return held(present);
  if (present.state.status === 'RELEASED') return holdConflict('the hold of this order is RELEASED');
  const { amount, transactionId: sourceId } = present;
  const parts = { key: keys.order('CAPTURE', orderId), orderId, sourceId };
  desk.post({ userId, type: 'CAPTURE', from: 'HELD', to: 'SPENT', amount, parts });
  return become(desk, present, { status: 'CAPTURED', refunded: 0n });
}

/** What is refused stays refused: the mark is that of a hold that was released before it was made. */
export function spend(desk: LedgerDesk, { userId, orderId, amount }: Of<'SPEND'>): PointOutcome {
  const present = desk.hold(userId, orderId);
  const queue = desk.spendable(userId);
  if (present?.state.status === 'CAPTURED') {
    return present.amount === amount ? held(present) : holdConflict(`this order spent ${present.amount}`);
  }
  if (present?.state.status === 'HELD') return holdConflict('the hold of this order is HELD');
  const lots = present ? undefined : queue.plan(amount);
  if (!lots) {
    if (!present) release(desk, { kind: 'RELEASE', userId, orderId });
    // What came in since it was refused is not for this order, and no more of it was loaded than others may take.
    return insufficient(minOf(queue.available(), amount - 1n));
  }
  const parts = { key: keys.order('CAPTURE', orderId), orderId };
  const { id } = desk.post({ userId, type: 'CAPTURE', from: 'USER', to: 'SPENT', amount, lots, parts });
  return set(desk, { userId, orderId, amount, transactionId: id, state: { status: 'CAPTURED', refunded: 0n } });
}

export function refund(desk: LedgerDesk, { userId, orderId, refundId, amount }: Of<'REFUND'>): PointOutcome {
  const present = desk.hold(userId, orderId);
  if (!present) return refused('HOLD_NOT_FOUND');
  if (present.state.status !== 'CAPTURED') return holdConflict(`the hold of this order is ${present.state.status}`);
  const key = keys.refund(orderId, refundId);
  const before = desk.keyed(userId, key);
  if (before) {
    return before.amount === amount ? held(present) : holdConflict(`this refund gave ${before.amount} back`);
  }
  const { refunded } = present.state;
  const left = present.amount - refunded;
  if (amount > left) return holdConflict(`${left} is left of what this order captured`);
  const lots = returnOf(takenBy(desk, present), amount, refunded);
  prolong(desk, lots);
  const parts = { key, orderId, sourceId: present.transactionId };
  desk.post({ userId, type: 'CANCEL', from: 'SPENT', to: 'USER', amount, lots, parts });
  return become(desk, present, { status: 'CAPTURED', refunded: refunded + amount });
}

function takenBy(desk: LedgerDesk, { orderId, transactionId }: Hold) {
  if (transactionId === null) throw new Error(`order ${orderId} holds points without a transaction`);
  return desk.taken(transactionId);
}

const become = (desk: LedgerDesk, hold: Hold, state: HoldState): PointOutcome => set(desk, { ...hold, state });

function set(desk: LedgerDesk, hold: Hold): PointOutcome {
  desk.setHold(hold);
  return held(hold);
}
