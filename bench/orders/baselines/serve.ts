import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type AccessTokens, accessTokens } from '../../../src/platform/http/access-token.ts';
import { AMOUNT, ORDER_ANSWER, PAYMENT_ANSWER } from './answers.ts';

export interface OrderRequest {
  readonly userId: string;
  readonly timeSaleId: string;
  readonly quantity: number;
  readonly key: string;
}

/** The result of a baseline's order. */
export interface Placed {
  readonly orderId: string;
  readonly productId: string;
  readonly productName: string;
  readonly unitPrice: number;
  readonly createdAt: Date;
}

export interface Baseline {
  /** Resolves when the order is durable. Undefined: no units left, or none for this user. */
  place(request: OrderRequest): Promise<Placed | undefined>;
  stop(): Promise<void>;
}

const RESERVED_MS = 600_000;
const SALE_BODY = { type: 'object', required: ['quantity'], properties: { quantity: { ...AMOUNT, minimum: 1 } } };
const ITEM = { type: 'object', required: ['quantity'], properties: { quantity: { ...AMOUNT, minimum: 1 } } };
const ORDER_BODY = {
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', minItems: 1, items: ITEM } },
};
const PAYMENT_BODY = {
  type: 'object',
  required: ['orderId', 'method'],
  properties: { orderId: { type: 'string' }, method: { type: 'string' } },
};

export const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

/**
 * Serves a baseline: Fastify, the same token check as the real system, compiled schemas, responses with the same fields and so of
 * the same size; no log, no metrics, no limits. Prints its address when it listens; SIGTERM stops it.
 */
export async function serve(baseline: Baseline, options: { readonly pays: boolean }): Promise<void> {
  const app = Fastify({ logger: false });
  const tokens = accessTokens(env('JWT_SECRET'), Date.now);
  addOrders(app, tokens, baseline);
  if (options.pays) addPayments(app, tokens);
  await app.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
  process.once('SIGTERM', () => void app.close().then(() => baseline.stop()));
  const { port } = app.server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
}

function addOrders(app: FastifyInstance, tokens: AccessTokens, baseline: Baseline): void {
  const response = { 201: ORDER_ANSWER };
  const placeOrder = async (
    request: FastifyRequest,
    reply: FastifyReply,
    order: Pick<OrderRequest, 'timeSaleId' | 'quantity'>,
  ) => {
    const userId = userOf(tokens, request);
    const key = request.headers['idempotency-key'];
    if (userId === undefined) return reply.code(401).send();
    if (typeof key !== 'string') return reply.code(400).send();
    const placed = await baseline.place({ ...order, userId, key });
    if (placed === undefined) return reply.code(409).send();
    return reply.code(201).send(orderOf(userId, order, placed, null));
  };
  app.post<{ Body: { quantity: number }; Params: { id: string } }>(
    '/api/v1/time-sales/:id/orders',
    { schema: { body: SALE_BODY, response } },
    (request, reply) => placeOrder(request, reply, { timeSaleId: request.params.id, quantity: request.body.quantity }),
  );
  app.post<{ Body: { items: [{ quantity: number }] } }>(
    '/api/v1/orders',
    { schema: { body: ORDER_BODY, response } },
    (request, reply) => placeOrder(request, reply, { timeSaleId: '', quantity: request.body.items[0].quantity }),
  );
}

/** Only for a baseline that stores nothing: the cost of a response. */
function addPayments(app: FastifyInstance, tokens: AccessTokens): void {
  app.post<{ Body: { orderId: string; method: string } }>(
    '/api/v1/payments',
    { schema: { body: PAYMENT_BODY, response: { 201: PAYMENT_ANSWER } } },
    async (request, reply) => {
      const userId = userOf(tokens, request);
      if (userId === undefined) return reply.code(401).send();
      const { orderId, method } = request.body;
      const at = new Date();
      const placed = { orderId, productId: orderId, productName: 'A product', unitPrice: 12_000, createdAt: at };
      const order = orderOf(userId, { timeSaleId: '', quantity: 1 }, placed, at);
      const payment = { paymentId: orderId, orderId, method, amount: order.total, status: 'COMPLETED' };
      return reply.code(201).send({ ...payment, providerUrl: null, order });
    },
  );
}

function userOf(tokens: AccessTokens, { headers: { authorization } }: FastifyRequest): string | undefined {
  return authorization?.startsWith('Bearer ') ? tokens.verify(authorization.slice('Bearer '.length))?.sub : undefined;
}

function orderOf(
  userId: string,
  { timeSaleId, quantity }: Pick<OrderRequest, 'timeSaleId' | 'quantity'>,
  placed: Placed,
  paidAt: Date | null,
) {
  const { orderId, productId, productName, unitPrice, createdAt } = placed;
  const total = unitPrice * quantity;
  const shares = { couponDiscount: 0, pointsUsed: 0 };
  const item = { line: 1, productId, timeSaleId: timeSaleId || null, productName, quantity, unitPrice };
  return {
    orderId,
    userId,
    status: paidAt === null ? 'RESERVED' : 'PAID',
    items: [{ ...item, ...shares, refundedQuantity: 0 }],
    couponId: null,
    subtotal: total,
    ...shares,
    total,
    refundedAmount: 0,
    refundedPoints: 0,
    createdAt: createdAt.toISOString(),
    expiresAt: new Date(createdAt.getTime() + RESERVED_MS).toISOString(),
    paidAt: paidAt?.toISOString() ?? null,
    endedAt: null,
    failure: null,
  };
}
