import type { OrderResponse, PlaceOrderRequest } from '../../../src/contexts/order/api.ts';
import type { Refusal } from '../../../src/platform/kernel/refusal.ts';
import { bodyOf } from './customers.ts';
import type { SaleWorld } from './world.ts';

/** A request to place an order, as it came to a node. */
export interface ReceivedRequest {
  readonly request: PlaceOrderRequest;
  readonly atMs: number;
  readonly atStep: number;
  /** Since when another request may have been refreshing what refuses this one. */
  readonly refreshedSinceMs: number;
}

/** How old a fact may be that refuses. */
const AGE_MAX_MS = 1_000;
/** Of crystals, over the second. */
const DRIFT_MS = 2;

/** Is the response true, and that of the order of its key? */
export function placementProblems(
  { history, kernel }: SaleWorld,
  received: ReceivedRequest,
  { outcome }: OrderResponse,
): string[] {
  const { request, atMs, atStep, refreshedSinceMs } = received;
  const { userId, key } = request;
  const what = `user ${userId}, key ${key}`;
  const placed = history.placed(userId, key);
  if (outcome?.$case === 'order') {
    const isOwn = placed?.order.id === outcome.value.id && bodyOf(request.items) === bodyOf(placed.order.lines);
    return isOwn ? [] : [`${what} got order ${outcome.value.id}, and has ${placed?.order.id}`];
  }
  if (outcome?.$case !== 'refusal') return [`${what} got no outcome`];
  const refusal = outcome.value;
  const isReused = placed !== undefined && bodyOf(request.items) !== bodyOf(placed.order.lines);
  if (refusal.code === 'IDEMPOTENCY_KEY_REUSED')
    return isReused ? [] : [`${what} was sent with one body, and got ${refusal.code}`];
  if (placed !== undefined && placed.atStep < atStep)
    return [
      `${what} had order ${placed.order.id} when it was sent${isReused ? ' with another body' : ''}, and got ${refusal.code}`,
    ];
  const problem = untrue(refusal);
  return problem === undefined ? [] : [`${what} got ${refusal.code}${problem}`];

  function untrue({ code, details }: Refusal): string | undefined {
    const item = request.items.find(({ timeSaleId }) => String(timeSaleId) === details['timeSaleId']);
    if (item?.timeSaleId === undefined) return ` of a time sale that it did not name`;
    const { timeSaleId, quantity } = item;
    switch (code) {
      case 'OUT_OF_STOCK': {
        const fromMs = refreshedSinceMs - AGE_MAX_MS - DRIFT_MS;
        const isTrue = history.wasShort(timeSaleId, quantity, fromMs);
        return isTrue ? undefined : `, untrue for the last ${kernel.clock() - fromMs} ms`;
      }
      case 'PURCHASE_LIMIT_EXCEEDED':
        return history.wasAboveLimit(timeSaleId, userId, quantity, atMs) ? undefined : ', and was below the limit';
      case 'TIME_SALE_NOT_ACTIVE': {
        const status = details['saleStatus'];
        const isTrue = (status === 'SCHEDULED' || status === 'ENDED') && history.wasInactive(timeSaleId, status, atMs);
        return isTrue ? undefined : ` (${status}), and the sale was open`;
      }
      default:
        return ', which cannot be';
    }
  }
}
