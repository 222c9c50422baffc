import type { Clock } from '../../../platform/kernel/clock.ts';
import { Replay } from '../../../platform/kernel/command-key.ts';
import { contentHash } from '../../../platform/kernel/content-hash.ts';
import { endOfTurn } from '../../../platform/kernel/end-of-turn.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { OrderResponse, PlaceOrderRequest } from '../api.ts';
import type { PlaceCommand } from '../domain/command.ts';
import { asReserved } from '../domain/first-answer.ts';
import { checkOrder } from './check-order.ts';
import { oncePlaced } from './once-changed.ts';
import { orderAnswer, refusalOf, refusedOrder } from './order-answers.ts';
import type { OrderBatcher } from './order-batcher.ts';
import type { PlacedBefore } from './placed-before.ts';
import type { Settle } from './settle.ts';
import type { SoldOutMemory } from './sold-out-memory.ts';

export interface PlaceOrderDeps {
  readonly batcher: Pick<OrderBatcher, 'submit' | 'submitOnce'>;
  readonly soldOut: Pick<SoldOutMemory, 'check' | 'mayBePlaced' | 'readEnded'>;
  readonly placedBefore: Pick<PlacedBefore, 'ask'>;
  readonly settle: Settle;
  readonly clock: Clock;
}

/** Through the batcher, whatever memory says. */
const placing =
  ({ batcher, settle }: Pick<PlaceOrderDeps, 'batcher' | 'settle'>) =>
  async (request: PlaceOrderRequest): Promise<OrderResponse> => {
    const { commandKey } = request;
    const command = commandOf(request);
    const first = await batcher.submitOnce({ ...command, keep: commandKey && { commandKey, resultOf: oncePlaced } });
    if (first instanceof Replay && first.result === undefined) return refusedOrder(refuse('IDEMPOTENCY_KEY_REUSED'));
    // The order remembers the key that made it.
    const outcome = first instanceof Replay ? await batcher.submit(command) : first;
    if (outcome.kind === 'refused') return refusedOrder(outcome.refusal, outcome.replayed);
    if (outcome.kind !== 'placed') throw new Error(`an order was placed and answered ${outcome.kind}`);
    const { order } = await settle.order(outcome.order);
    const before = outcome.replayed && asReserved(order);
    if (before) return orderAnswer(before, true);
    const refusal = refusalOf(order);
    return refusal ? refusedOrder(refusal, outcome.replayed) : orderAnswer(order, outcome.replayed);
  };

/**
 * Takes units, coupon and points for an order, or nothing. An order that failed, or whose time was over before it had all, answers
 * that to the same key again.
 */
export function placeOrder(deps: PlaceOrderDeps): (request: PlaceOrderRequest) => Promise<OrderResponse> {
  const { soldOut, placedBefore, clock } = deps;
  const place = placing(deps);
  return async (request) => {
    const wrong = checkOrder(request);
    if (wrong) return refusedOrder(wrong);
    const nowMs = clock();
    const gone = soldOut.check(request.items, nowMs);
    if (gone === 'read again') return place(request).finally(() => soldOut.readEnded(request.items, nowMs));
    if (gone && !soldOut.mayBePlaced(request.userId, request.items, nowMs)) return endOfTurn(refusedOrder(gone));
    if (gone && !(await placedBefore.ask(request))) return refusedOrder(gone);
    return place(request);
  };
}

function commandOf({ userId, key, usePoints, ...request }: PlaceOrderRequest): PlaceCommand {
  const items = request.items.map(({ productId, timeSaleId = null, quantity }) => ({
    productId,
    timeSaleId,
    quantity,
  }));
  const { couponId = null, expectedTotal = null } = request;
  const content = items.map(({ productId, timeSaleId, quantity }) => [productId, timeSaleId, quantity]);
  return {
    kind: 'PLACE',
    userId,
    key,
    contentHash: contentHash('PLACE', content, couponId, usePoints, expectedTotal),
    items,
    couponId,
    usePoints,
    expectedTotal,
  };
}
