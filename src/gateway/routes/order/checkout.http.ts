import { LRUCache } from 'lru-cache';
import { type OrderService, type PlaceOrderRequest, placementOf } from '../../../contexts/order/api.ts';
import { KeyedCall, keyAcrossUsers, routeKey, scopeOf } from '../../idempotency/keyed-call.ts';
import type { KeysInFlight } from '../../idempotency/keys-in-flight.ts';
import type { OpeningLimit } from '../../limits/opening-limit.ts';
import { valueFrom } from '../../problems/problem.ts';
import { hotResponse } from '../../server/hot-route.ts';
import { type HotInput, type HotResponse, type Route, route } from '../../server/route.ts';
import { isPathId } from '../../server/schemas.ts';
import { ORDER_EXAMPLE, PAYMENT_EXAMPLE } from './order.examples.ts';
import {
  OneTimeSale,
  OrderBody,
  OrderView,
  orderJson,
  PaymentBody,
  PaymentView,
  paymentJson,
  TimeSaleOrderBody,
} from './order.schemas.ts';

const PLACE_REFUSALS = [
  'PRODUCT_NOT_FOUND',
  'TIME_SALE_NOT_FOUND',
  'OUT_OF_STOCK',
  'TIME_SALE_NOT_ACTIVE',
  'PURCHASE_LIMIT_EXCEEDED',
  'OPEN_ORDER_LIMIT_EXCEEDED',
  'PRICE_CHANGED',
  'COUPON_NOT_FOUND',
  'COUPON_EXPIRED',
  'COUPON_ALREADY_USED',
  'COUPON_NOT_AVAILABLE',
  'COUPON_NOT_APPLICABLE',
  'COUPON_NOT_STACKABLE',
  'POLICY_SUSPENDED',
  'MINIMUM_ORDER_NOT_MET',
  'RESERVATION_CONFLICT',
  'RESERVATION_EXPIRED',
  'INSUFFICIENT_POINTS',
  // Coupon or points were away until its time was over.
  'ORDER_EXPIRED',
] as const;

const CHECKOUT = {
  method: 'POST',
  access: 'ANY_TOKEN',
  scope: 'orders:write',
  hot: true,
  status: 201,
  idempotent: 'required',
} as const;

type CheckoutOrders = Pick<OrderService, 'placeOrder' | 'payOrder' | 'getTimeSale'>;

export interface CheckoutDeps {
  readonly order: CheckoutOrders;
  /**
   * Returns whether memory refuses every new order of this time sale, for no more than a look-up of its key in a batch. Then an overloaded
   * node sends that refusal instead of 503.
   */
  readonly isSoldOut: (timeSaleId: bigint) => boolean;
  /** Absent: none. */
  readonly openingLimit: OpeningLimit | undefined;
  readonly keysInFlight: KeysInFlight;
}

type PlacementInput = Pick<HotInput<undefined, undefined, 'required'>, 'principal' | 'key' | 'audit' | 'operation'>;

/**
 * Placing and paying orders are hot routes. An order stores the key that created it in the same transaction, so customers'
 * keys need no other record. The key of a payment has a record, because it must not pay another order.
 */
export function checkoutRoutes({ order, isSoldOut, openingLimit, keysInFlight }: CheckoutDeps): readonly Route[] {
  const productOf = productsOfTimeSales(order);
  async function placeOnce(
    { principal, key, audit, operation }: PlacementInput,
    placement: Omit<PlaceOrderRequest, 'commandKey'>,
  ): Promise<HotResponse> {
    const call = new KeyedCall(scopeOf(principal, operation), key, contentOf(placement), audit);
    const commandKey = keyAcrossUsers(principal, call);
    return await keysInFlight.run(call.place, async () =>
      hotResponse(await order.placeOrder({ ...placement, commandKey }), (placed) => JSON.stringify(orderJson(placed))),
    );
  }

  return [
    route({
      ...CHECKOUT,
      id: 'placeOrder',
      addsUsers: true,
      tag: 'orders',
      paths: ['/api/v1/orders'],
      summary: 'Place an order',
      description:
        'Reserves stock, coupon and points together, or nothing. The server fixes the prices. An unpaid order ends at ' +
        '`expiresAt`. A repeat with the same key gets the first response; GET returns the present state of the order.',
      bodyExample: {
        items: [{ productId: '7330011234567893', quantity: 2 }],
        couponId: '7330011234567891',
        usePoints: 500,
        expectedTotal: 26500,
      },
      response: { schema: OrderView, example: ORDER_EXAMPLE },
      refusals: PLACE_REFUSALS,
      body: OrderBody,
      async handle(input) {
        const { userId } = input;
        const { items, usePoints = 0n, ...rest } = input.body;
        const key = routeKey('place', input.principal, input.key);
        return await placeOnce(input, { ...rest, items, usePoints, key, userId });
      },
    }),
    route({
      ...CHECKOUT,
      id: 'placeTimeSaleOrder',
      addsUsers: true,
      tag: 'orders',
      paths: ['/api/v1/time-sales/:timeSaleId/orders'],
      summary: 'Place an order in a time sale',
      description:
        'Like any order. A user may have `limitPerUser` units of a time sale, unpaid ones included. Exempt from the ' +
        'general limit; its own limit is one request a second for each user.',
      unlimited: true,
      refusals: PLACE_REFUSALS,
      bodyExample: { quantity: 1, expectedTotal: 9900 },
      response: {
        schema: OrderView,
        example: {
          ...ORDER_EXAMPLE,
          items: [
            {
              ...ORDER_EXAMPLE.items[0],
              timeSaleId: '7330011234567894',
              quantity: 1,
              unitPrice: 9900,
              couponDiscount: 0,
              pointsUsed: 0,
            },
          ],
          couponId: null,
          subtotal: 9900,
          couponDiscount: 0,
          pointsUsed: 0,
          total: 9900,
        },
      },
      bypassesShedding: (id) => isPathId(id) && isSoldOut(BigInt(id)),
      params: OneTimeSale,
      body: TimeSaleOrderBody,
      async handle(input) {
        const { userId } = input;
        const { timeSaleId } = input.params;
        const { quantity, usePoints = 0n, ...rest } = input.body;
        openingLimit?.(userId);
        const key = routeKey('placeAtTimeSale', input.principal, input.key);
        const items = [{ productId: await productOf(timeSaleId), timeSaleId, quantity }];
        return await placeOnce(input, { ...rest, items, usePoints, key, userId });
      },
    }),
    route({
      ...CHECKOUT,
      id: 'payOrder',
      tag: 'payments',
      paths: ['/api/v1/payments'],
      summary: 'Pay an order',
      description:
        'POINTS pays at once: the order is PAID. EXTERNAL is PENDING, and the customer pays at `providerUrl`; the ' +
        'order is PAID after that. Another EXTERNAL payment replaces one that is PENDING.',
      bodyExample: { orderId: ORDER_EXAMPLE.orderId, method: 'POINTS' },
      response: { schema: PaymentView, example: PAYMENT_EXAMPLE },
      refusals: [
        'ORDER_NOT_FOUND',
        'ORDER_EXPIRED',
        'ORDER_NOT_PAYABLE',
        'INSUFFICIENT_POINTS',
        'PAYMENT_DECLINED',
        'PAYMENT_AMOUNT_MISMATCH',
        // The coupon was withdrawn although it was reserved; the payment is refunded.
        'RESERVATION_CONFLICT',
        'RESERVATION_EXPIRED',
      ],
      // The order is placed, and holds its stock until it is paid or ends.
      bypassesShedding: true,
      body: PaymentBody,
      async handle({ principal, userId, key: clientKey, audit, operation, body: { orderId, method } }) {
        const key = routeKey('pay', principal, clientKey);
        const payment = { userId, orderId, method };
        const call = new KeyedCall(scopeOf(principal, operation), clientKey, payment, audit);
        return await keysInFlight.run(call.place, async () =>
          hotResponse(await order.payOrder({ ...payment, key, commandKey: call.takeCommandKey() }), (paid) =>
            JSON.stringify(paymentJson(paid)),
          ),
        );
      },
    }),
  ];
}

/** What has to be equal in a repeat. */
function contentOf(request: Omit<PlaceOrderRequest, 'commandKey'>): readonly unknown[] {
  const { items, ...rest } = placementOf(request);
  return [request.userId, ...items.map((item) => Object.values(item).join(' ')), Object.values(rest).join(' ')];
}

/**
 * Finds sales of hidden products too. Whether they may be ordered is decided with the order, after its key was looked up: an order that was
 * placed before its product was hidden, or its store closed, is returned for its key.
 */
const EVERY_SALE = { userId: 0n, role: 'SERVICE' };

/** The product of a time sale never changes, so one look-up is enough. */
function productsOfTimeSales(order: Pick<OrderService, 'getTimeSale'>): (timeSaleId: bigint) => Promise<bigint> {
  const known = new LRUCache<bigint, bigint>({ max: 10_000 });
  return async (timeSaleId) => {
    const found = known.get(timeSaleId);
    if (found !== undefined) return found;
    const { productId } = valueFrom((await order.getTimeSale({ timeSaleId, principal: EVERY_SALE })).outcome);
    known.set(timeSaleId, productId);
    return productId;
  };
}
