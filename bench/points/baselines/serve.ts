import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { accessTokens } from '../../../src/platform/http/access-token.ts';

/** The result of a baseline's charge. */
export interface Charged {
  readonly transactionId: string;
  readonly balance: number;
  readonly createdAt: Date;
}

export interface Baseline {
  /** Resolves when the points are durable. */
  charge(userId: string, amount: number, key: string): Promise<Charged>;
  stop(): Promise<void>;
}

const text = { type: 'string' } as const;
const ANSWER = {
  type: 'object',
  properties: {
    transactionId: text,
    userId: text,
    type: text,
    amount: { type: 'integer' },
    balance: { type: 'integer' },
    createdAt: text,
  },
} as const;
const BODY = { type: 'object', required: ['amount'], properties: { amount: { type: 'integer', minimum: 1 } } } as const;

export const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

/**
 * Serves a baseline: Fastify, the same token check as the real system, compiled schemas, no log, no metrics, no limits. Prints
 * its address when it listens; SIGTERM stops it.
 */
export async function serve(baseline: Baseline): Promise<void> {
  const tokens = accessTokens(env('JWT_SECRET'), Date.now);
  const app = Fastify({ logger: false });
  app.post<{ Body: { amount: number } }>(
    '/api/v1/points/charge',
    { schema: { body: BODY, response: { 200: ANSWER } } },
    async (request, reply) => {
      const header = request.headers.authorization;
      const userId = header?.startsWith('Bearer ') ? tokens.verify(header.slice('Bearer '.length))?.sub : undefined;
      const key = request.headers['idempotency-key'];
      if (userId === undefined) return reply.code(401).send();
      if (typeof key !== 'string') return reply.code(400).send();
      const { amount } = request.body;
      const { transactionId, balance, createdAt } = await baseline.charge(userId, amount, key);
      return { transactionId, userId, type: 'CHARGE', amount, balance, createdAt: createdAt.toISOString() };
    },
  );
  await app.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
  process.once('SIGTERM', () => void app.close().then(() => baseline.stop()));
  const { port } = app.server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
}
