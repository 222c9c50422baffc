import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyReply } from 'fastify';
import { accessTokens } from '../../../src/platform/http/access-token.ts';

/** The response of a baseline to one request. */
export type Issued =
  | {
      readonly kind: 'issued';
      readonly couponId: string;
      readonly sequenceNo: number;
      readonly issuedAt: Date;
      readonly expiresAt: Date;
    }
  | { readonly kind: 'sold-out' | 'already-issued' | 'busy' };

export interface Baseline {
  /** Resolves when the coupon is durable. */
  issue(policyId: string, userId: string): Promise<Issued>;
  stop(): Promise<void>;
}

const REFUSALS = {
  'sold-out': { status: 410, code: 'COUPON_SOLD_OUT' },
  'already-issued': { status: 409, code: 'COUPON_ALREADY_ISSUED' },
  busy: { status: 503, code: 'OVERLOADED' },
} as const;

const text = { type: 'string' } as const;
const ISSUED_SCHEMA = {
  type: 'object',
  properties: {
    couponId: text,
    couponPolicyId: text,
    userId: text,
    status: text,
    sequenceNo: { type: 'integer' },
    issuedAt: text,
    expiresAt: text,
  },
} as const;

export const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

/**
 * Serves a baseline: Fastify, the same token check as the real system, a compiled serialiser, no log, no metrics, no limits.
 * Prints its address when it listens; SIGTERM stops it. `check: false` is the bare server.
 */
export async function serve(baseline: Baseline, options: { readonly check: boolean } = { check: true }): Promise<void> {
  const tokens = accessTokens(env('JWT_SECRET'), Date.now);
  const app = Fastify({ logger: false });
  app.post<{ Params: { policyId: string } }>(
    '/api/v1/coupons/policies/:policyId/issue',
    { schema: { response: { 201: ISSUED_SCHEMA } } },
    async (request, reply) => {
      const { policyId } = request.params;
      const userId = options.check ? userOf(request.headers.authorization) : '1';
      if (userId === undefined) return refuse(reply, 401, 'UNAUTHENTICATED');
      const issued = await baseline.issue(policyId, userId);
      if (issued.kind !== 'issued') return refuse(reply, REFUSALS[issued.kind].status, REFUSALS[issued.kind].code);
      const { couponId, sequenceNo, issuedAt, expiresAt } = issued;
      reply.code(201);
      return {
        couponId,
        couponPolicyId: policyId,
        userId,
        status: 'ISSUED',
        sequenceNo,
        issuedAt: issuedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      };
    },
  );
  const userOf = (header: string | undefined): string | undefined =>
    header?.startsWith('Bearer ') ? tokens.verify(header.slice('Bearer '.length))?.sub : undefined;

  await app.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
  process.once('SIGTERM', () => void app.close().then(() => baseline.stop()));
  const { port } = app.server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
}

function refuse(reply: FastifyReply, status: number, code: string): object {
  reply.code(status).type('application/problem+json');
  return { type: 'about:blank', title: code, status, code };
}
