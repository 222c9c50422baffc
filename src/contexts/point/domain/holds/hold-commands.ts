import { minOf } from '../../../../platform/kernel/money.ts';
import { refuse } from '../../refusals.ts';
import { type HoldCommand, keys } from '../command.ts';
import type { PointOutcome } from '../decision.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { extendLots, returnMoves } from '../lots/lot-returns.ts';
import { held, holdConflict, insufficient, refused } from '../outcome.ts';
import type { Hold, HoldState } from './hold.ts';

type Of<Kind extends HoldCommand['kind']> = Extract<HoldCommand, { readonly kind: Kind }>;

export function hold(work: LedgerUnitOfWork, { userId, orderId, amount }: Of<'HOLD'>): PointOutcome {
  const present = work.hold(userId, orderId);
  if (present) {
    if (present.state.status !== 'HELD') return holdConflict(`the hold of this order is ${present.state.status}`);
    return present.amount === amount ? held(present) : holdConflict(`this order holds ${present.amount}`);
  }
  const queue = work.spendable(userId);
  const lots = queue.plan(amount);
  if (!lots) return insufficient(queue.available());
  const parts = { key: keys.order('HOLD', orderId), orderId };
  const { id } = work.post({ userId, type: 'HOLD', from: 'USER', to: 'HELD', amount, lots, parts });
  return putHold(work, { userId, orderId, amount, transactionId: id, state: { status: 'HELD' } });
}

/** The lots keep their expiry. Otherwise a user could extend points forever by holding and releasing them. */
export function release(work: LedgerUnitOfWork, { userId, orderId }: Of<'RELEASE'>): PointOutcome {
  const present = work.hold(userId, orderId);
  if (!present) {
    return putHold(work, { userId, orderId, amount: 0n, transactionId: null, state: { status: 'RELEASED' } });
  }
  if (present.state.status === 'RELEASED') return held(present);
  if (present.state.status === 'CAPTURED') return holdConflict('the hold of this order is CAPTURED');
  const { amount, transactionId: sourceId } = present;
  const lots = returnMoves(takenBy(work, present), amount);
  const parts = { key: keys.order('RELEASE', orderId), orderId, sourceId };
  work.post({ userId, type: 'RELEASE', from: 'HELD', to: 'USER', amount, lots, parts });
  return setHoldState(work, present, { status: 'RELEASED' });
}

export function capture(work: LedgerUnitOfWork, { userId, orderId }: Of<'CAPTURE'>): PointOutcome {
  const present = work.hold(userId, orderId);
  if (!present) return refused(refuse('HOLD_NOT_FOUND'));
  if (present.state.status === 'CAPTURED') return held(present);
  if (present.state.status === 'RELEASED') return holdConflict('the hold of this order is RELEASED');
  const { amount, transactionId: sourceId } = present;
  const parts = { key: keys.order('CAPTURE', orderId), orderId, sourceId };
  work.post({ userId, type: 'CAPTURE', from: 'HELD', to: 'SPENT', amount, parts });
  return setHoldState(work, present, { status: 'CAPTURED', refunded: 0n });
}

/** A refusal is final: it stores a released hold, as a release before the hold does. */
export function spend(work: LedgerUnitOfWork, { userId, orderId, amount }: Of<'SPEND'>): PointOutcome {
  const present = work.hold(userId, orderId);
  const queue = work.spendable(userId);
  if (present?.state.status === 'CAPTURED') {
    return present.amount === amount ? held(present) : holdConflict(`this order spent ${present.amount}`);
  }
  if (present?.state.status === 'HELD') return holdConflict('the hold of this order is HELD');
  const lots = present ? undefined : queue.plan(amount);
  if (!lots) {
    if (!present) release(work, { kind: 'RELEASE', userId, orderId });
    // Points that were credited after the refusal do not count for this order, and were loaded only as far as other commands need.
    return insufficient(minOf(queue.available(), amount - 1n));
  }
  const parts = { key: keys.order('CAPTURE', orderId), orderId };
  const { id } = work.post({ userId, type: 'CAPTURE', from: 'USER', to: 'SPENT', amount, lots, parts });
  return putHold(work, { userId, orderId, amount, transactionId: id, state: { status: 'CAPTURED', refunded: 0n } });
}

export function refund(work: LedgerUnitOfWork, { userId, orderId, refundId, amount }: Of<'REFUND'>): PointOutcome {
  const present = work.hold(userId, orderId);
  if (!present) return refused(refuse('HOLD_NOT_FOUND'));
  if (present.state.status !== 'CAPTURED') return holdConflict(`the hold of this order is ${present.state.status}`);
  const key = keys.refund(orderId, refundId);
  const before = work.keyed(userId, key);
  if (before) {
    return before.amount === amount ? held(present) : holdConflict(`this refund gave ${before.amount} back`);
  }
  const { refunded } = present.state;
  const left = present.amount - refunded;
  if (amount > left) return holdConflict(`${left} is left of what this order captured`);
  const lots = returnMoves(takenBy(work, present), amount, refunded);
  extendLots(work, lots);
  const parts = { key, orderId, sourceId: present.transactionId };
  work.post({ userId, type: 'CANCEL', from: 'SPENT', to: 'USER', amount, lots, parts });
  return setHoldState(work, present, { status: 'CAPTURED', refunded: refunded + amount });
}

function takenBy(work: LedgerUnitOfWork, { orderId, transactionId }: Hold) {
  if (transactionId === null) throw new Error(`order ${orderId} holds points without a transaction`);
  return work.taken(transactionId);
}

const setHoldState = (work: LedgerUnitOfWork, hold: Hold, state: HoldState): PointOutcome =>
  putHold(work, { ...hold, state });

function putHold(work: LedgerUnitOfWork, hold: Hold): PointOutcome {
  work.saveHold(hold);
  return held(hold);
}
