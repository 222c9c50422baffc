import { applyInput } from './apply-input.ts';
import type { OrderDecision, OrderSnapshot } from './decision.ts';
import type { OrderInput } from './input.ts';
import { place } from './placement/place.ts';
import { type OrderRules, orderUnitOfWork } from './unit-of-work.ts';

/**
 * Decides inputs one after another; each sees the changes of the earlier ones. Any split of a list into batches has the same result as
 * one batch.
 */
export function decideOrders(snapshot: OrderSnapshot, inputs: readonly OrderInput[], rules: OrderRules): OrderDecision {
  const { work, decision } = orderUnitOfWork(snapshot, rules);
  return decision(inputs.map((input) => (input.kind === 'PLACE' ? place(work, input) : applyInput(work, input))));
}
