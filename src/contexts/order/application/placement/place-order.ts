import { submitKeyed } from '../../../../platform/batching/submit-keyed.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import { type ContentOf, contentHash } from '../../../../platform/kernel/content-hash.ts';
import { type Monotonic, momentSource } from '../../../../platform/kernel/moment.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { OrderItem, OrderResponse, PlaceOrderRequest } from '../../api.ts';
import type { PlaceCommand } from '../../domain/input.ts';
import { placementOf } from '../../domain/placement.ts';
import { asFirstReserved } from '../../domain/replay.ts';
import { checkOrder } from '../check-order.ts';
import type { CheckoutRunner } from '../checkout/run-checkout.ts';
import { placementResult } from '../command-results.ts';
import type { OrderBatcher } from '../order-batcher.ts';
import { refusalOf, toOrderResponse } from '../order-views.ts';
import type { SaleGate } from '../ports.ts';
import { refusalByGate } from '../time-sale/sale-gate.ts';
import type { SoldOutCache } from '../time-sale/sold-out-cache.ts';
import type { PlacedKeyLookup } from './placed-key-lookup.ts';

export interface PlaceOrderDeps {
  readonly batcher: Pick<OrderBatcher, 'submit' | 'submitOnce'>;
  readonly soldOut: Pick<SoldOutCache, 'check' | 'refreshEnded' | 'staleRefusal'>;
  /** Undefined: nodes share no facts. */
  readonly gate?: SaleGate | undefined;
  readonly keyLookup: Pick<PlacedKeyLookup, 'isPlaced'>;
  readonly runner: Pick<CheckoutRunner, 'runCheckout'>;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
}

/** Places the order through the batcher, without a look at the cache. */
const placing =
  ({ batcher, runner }: Pick<PlaceOrderDeps, 'batcher' | 'runner'>) =>
  async (request: PlaceOrderRequest): Promise<OrderResponse> => {
    const { commandKey } = request;
    // The order is found by the key that placed it.
    const outcome = await submitKeyed(batcher, commandOf(request), { commandKey, resultOf: placementResult });
    if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal, outcome.replayed);
    if (outcome.kind !== 'placed') throw new Error(`the outcome of placing an order is ${outcome.kind}`);
    const { order } = await runner.runCheckout(outcome.order);
    const replayed = outcome.replayed && asFirstReserved(order);
    if (replayed) return toOrderResponse(replayed, true);
    const refusal = refusalOf(order);
    return refusal ? toRefusalResponse(refusal, outcome.replayed) : toOrderResponse(order, outcome.replayed);
  };

/**
 * Reserves units, coupon and points for an order, or refuses it. A repeat for an order that failed or expired before it was reserved gets
 * the same refusal. Rejects with Unavailable when the key of an order that a fact refuses cannot be looked up.
 */
export function placeOrder(deps: PlaceOrderDeps): (request: PlaceOrderRequest) => Promise<OrderResponse> {
  const { soldOut, gate, keyLookup } = deps;
  const momentNow = momentSource(deps.clock, deps.monotonic);
  const place = placing(deps);
  return async (request) => {
    const wrong = checkOrder(request);
    if (wrong) return toRefusalResponse(wrong);
    const now = momentNow();
    const cached = soldOut.check(request.items, now);
    if (cached === 'refresh') return place(request).finally(() => soldOut.refreshEnded(request.items, now.steadyMs));
    const refusal = cached ?? (gate && (await refusalByGate(gate, soldOut, request.items, now)));
    // A fact is up to a second old: a unit may have come back since, and this key may have ordered it on another node.
    if (refusal && !(await keyLookup.isPlaced(request))) return toRefusalResponse(refusal);
    return place(request);
  };
}

function commandOf(request: PlaceOrderRequest): PlaceCommand {
  const { userId, key } = request;
  const placement = placementOf(request);
  const content = {
    ...placement,
    items: placement.items.map((item) => Object.values(item satisfies ContentOf<OrderItem>)),
  };
  return { kind: 'PLACE', userId, key, contentHash: contentHash<PlaceOrderRequest>('PLACE', content), ...placement };
}
