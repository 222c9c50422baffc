import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import type { OrderResponse, OrderService, PaymentResponse, PlaceOrderRequest } from '../../../contexts/order/api.ts';
import type { Refusal } from '../../../platform/kernel/contract.ts';
import { type Principal, subjectOf } from '../../auth/principal.ts';
import { routeKey } from '../../idempotency/idempotency.ts';
import { keyAcrossUsers, requiredCall } from '../../idempotency/keyed-call.ts';
import type { OpeningLimit } from '../../limits/opening-limit.ts';
import { valueFrom } from '../../problems/problem.ts';
import {
  type HotDeps,
  type HotHandler,
  type HotRequest,
  type HotResponse,
  hotRoutes,
  parsedBody,
} from '../../server/hot-route.ts';
import type { OperationSpec } from '../../server/operation.ts';
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

/**
 * Placing and paying orders are hot routes. An order stores the key that created it in the same transaction, so customers'
 * keys need no other record. The key of a payment has a record, because it must not pay another order.
 */
const PLACE_REFUSALS = [
  'FORBIDDEN',
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
  'COUPON_NOT_STACKABLE',
  'MINIMUM_ORDER_NOT_MET',
  'RESERVATION_CONFLICT',
  'RESERVATION_EXPIRED',
  'INSUFFICIENT_POINTS',
  // Coupon or points were away until its time was over.
  'ORDER_EXPIRED',
];

const PLACE_SPEC: OperationSpec = {
  summary: 'Place an order',
  description:
    'Takes stock, coupon and points at once, or nothing. Prices are the server’s and frozen; unpaid it ends at `expiresAt`. ' +
    'A repeat with the same key is answered as the first request was; GET tells how the order is now.',
  access: 'ANY_TOKEN',
  status: 201,
  idempotent: 'required',
  bodyExample: {
    items: [{ productId: '7330011234567893', quantity: 2 }],
    couponId: '7330011234567891',
    usePoints: 500,
    expectedTotal: 26500,
  },
  response: { schema: OrderView, example: ORDER_EXAMPLE },
  refusals: PLACE_REFUSALS,
};

const TIME_SALE_SPEC: OperationSpec = {
  ...PLACE_SPEC,
  summary: 'Order at the price of a time sale',
  description:
    'As any order. One user may have `limitPerUser` units of a time sale, unpaid ones counted. Exempt from the general limit: one ' +
    'request a user and second is its own.',
  unlimited: true,
  refusals: [...PLACE_REFUSALS, 'RATE_LIMITED'],
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
};

const PAY_SPEC: OperationSpec = {
  summary: 'Pay an order',
  description:
    'POINTS pays at once: the order is PAID. EXTERNAL is PENDING, and the customer pays at `providerUrl`; the order tells when ' +
    'that is done. Another EXTERNAL payment takes the place of one that is PENDING.',
  access: 'ANY_TOKEN',
  status: 201,
  idempotent: 'required',
  bodyExample: { orderId: ORDER_EXAMPLE.orderId, method: 'POINTS' },
  response: { schema: PaymentView, example: PAYMENT_EXAMPLE },
  refusals: [
    'FORBIDDEN',
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
};

export const CHECKOUT_ROUTES = [
  { url: '/api/v1/orders', name: 'place', tag: 'orders', spec: PLACE_SPEC, body: OrderBody },
  {
    url: '/api/v1/time-sales/:timeSaleId/orders',
    name: 'placeAtTimeSale',
    tag: 'orders',
    spec: TIME_SALE_SPEC,
    body: TimeSaleOrderBody,
  },
  { url: '/api/v1/payments', name: 'pay', tag: 'payments', spec: PAY_SPEC, body: PaymentBody },
] as const;

type CheckoutOrders = Pick<OrderService, 'placeOrder' | 'payOrder' | 'getTimeSale'>;

export interface CheckoutDeps extends HotDeps {
  readonly order: CheckoutOrders;
  /** Returns whether memory refuses every new order of this time sale. Then an overloaded node sends that refusal instead of 503. */
  readonly isSoldOut: (timeSaleId: bigint) => boolean;
  /** Absent: none. */
  readonly openingLimit: OpeningLimit | undefined;
}

export function registerCheckout(
  fastify: FastifyInstance,
  { order, isSoldOut, openingLimit, ...deps }: CheckoutDeps,
): void {
  const add = hotRoutes(fastify, deps);
  const addOpening = hotRoutes(fastify, { ...deps, limits: undefined });
  const [place, placeAtTimeSale, pay] = CHECKOUT_ROUTES;
  const productOf = productsOfTimeSales(order);
  async function placeOnce(
    url: string,
    request: HotRequest,
    principal: Principal,
    asked: Omit<PlaceOrderRequest, 'commandKey'>,
  ): Promise<HotResponse> {
    const call = requiredCall(request, principal, `POST ${url}`, contentOf(asked));
    const commandKey = keyAcrossUsers(principal, call);
    return await deps.keysInFlight.run(call.place, async () =>
      placed(await order.placeOrder({ ...asked, commandKey })),
    );
  }
  add(place.url, async (request, principal) => {
    const key = routeKey(place.name, principal, request.headers['idempotency-key']);
    const { userId, items, usePoints = 0n, ...rest } = parsedBody(OrderBody, request.body);
    const asked = { ...rest, items, usePoints, key, userId: subjectOf(principal, userId) };
    return await placeOnce(place.url, request, principal, asked);
  });
  const buy: HotHandler = async (request, principal) => {
    const key = routeKey(placeAtTimeSale.name, principal, request.headers['idempotency-key']);
    const timeSaleId = timeSaleIdOf(request.params as z.input<typeof OneTimeSale>);
    const { userId, quantity, usePoints = 0n, ...rest } = parsedBody(TimeSaleOrderBody, request.body);
    const subject = subjectOf(principal, userId);
    openingLimit?.(subject);
    const items = [{ productId: await productOf(timeSaleId), timeSaleId, quantity }];
    const asked = { ...rest, items, usePoints, key, userId: subject };
    return await placeOnce(placeAtTimeSale.url, request, principal, asked);
  };
  const isGone = (id: string): boolean => isPathId(id) && isSoldOut(BigInt(id));
  addOpening(placeAtTimeSale.url, buy, { bypassesShedding: isGone });
  const payOnce: HotHandler = async (request, principal) => {
    const key = routeKey(pay.name, principal, request.headers['idempotency-key']);
    const { userId: named, orderId, method } = parsedBody(PaymentBody, request.body);
    const userId = subjectOf(principal, named);
    const call = requiredCall(request, principal, `POST ${pay.url}`, [String(userId), String(orderId), method]);
    const { place: keyPlace, commandKey } = call;
    return await deps.keysInFlight.run(keyPlace, async () =>
      paid(await order.payOrder({ orderId, method, key, userId, commandKey })),
    );
  };
  // The order is placed, and holds its stock until it is paid or ends.
  add(pay.url, payOnce, { bypassesShedding: true });
}

/** What has to be equal in a repeat. */
const contentOf = ({ userId, items, couponId, usePoints, expectedTotal }: Omit<PlaceOrderRequest, 'commandKey'>) => [
  String(userId),
  ...items.map(({ productId, timeSaleId, quantity }) => `${productId} ${timeSaleId ?? ''} ${quantity}`),
  `${couponId ?? ''} ${usePoints} ${expectedTotal ?? ''}`,
];

const timeSaleIdOf = (params: z.input<typeof OneTimeSale>): bigint =>
  isPathId(params.timeSaleId) ? BigInt(params.timeSaleId) : parsedBody(OneTimeSale, params).timeSaleId;

/** The product of a time sale never changes, so one look-up is enough. */
function productsOfTimeSales(order: Pick<OrderService, 'getTimeSale'>): (timeSaleId: bigint) => Promise<bigint> {
  const known = new LRUCache<bigint, bigint>({ max: 10_000 });
  return async (timeSaleId) => {
    const found = known.get(timeSaleId);
    if (found !== undefined) return found;
    const { productId } = valueFrom((await order.getTimeSale({ timeSaleId, principal: undefined })).outcome);
    known.set(timeSaleId, productId);
    return productId;
  };
}

function placed({ outcome, replayed }: OrderResponse): HotResponse {
  if (outcome?.$case !== 'order') return refused(outcome?.value, replayed);
  return { status: PLACE_SPEC.status, text: JSON.stringify(orderJson(outcome.value)), replayed };
}

function paid({ outcome, replayed }: PaymentResponse): HotResponse {
  if (outcome?.$case !== 'payment') return refused(outcome?.value, replayed);
  return { status: PAY_SPEC.status, text: JSON.stringify(paymentJson(outcome.value)), replayed };
}

function refused(refusal: Refusal | undefined, replayed: boolean): HotResponse {
  if (refusal === undefined) throw new Error('the order context returned no outcome');
  return { refusal, replayed };
}
