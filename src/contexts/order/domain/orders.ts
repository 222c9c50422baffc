import { tell } from './checkout.ts';
import type { OrderCommand } from './command.ts';
import type { OrderDecision, OrderSnapshot } from './decision.ts';
import { type OrderRules, orderDesk } from './order-desk.ts';
import { place } from './place.ts';

/**
 * Decides commands one after the other, each seeing what the ones before it did. Deciding a list in any split into batches
 * gives the same as deciding it whole.
 */
export function decideOrders(
  snapshot: OrderSnapshot,
  commands: readonly OrderCommand[],
  rules: OrderRules,
): OrderDecision {
  const { desk, decision } = orderDesk(snapshot, rules);
  return decision(commands.map((command) => (command.kind === 'PLACE' ? place(desk, command) : tell(desk, command))));
}
