import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSigned } from '../../platform/http/webhook-signature.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import type { Limits } from '../limits/limits.ts';
import { ProblemError } from '../problems/problem.ts';

/** The parts of a route whose only credential is the signature of a Standard Webhook. Its handler reads the body by `signedBody`. */
export const SIGNED_WEBHOOK = {
  access: 'ANYBODY',
  refusals: ['WEBHOOK_SIGNATURE_INVALID'],
  plain: true,
  rawBody: true,
  bypassesShedding: true,
  credential: {
    scheme: 'webhookSignature',
    headers: [
      { name: 'webhook-id', description: 'The same in every attempt to deliver it', example: 'msg_2Kx9' },
      {
        name: 'webhook-timestamp',
        description: 'The time of this attempt, in seconds since 1970',
        example: '2051226120',
      },
    ],
  },
} as const;

export interface WebhookChecks {
  /** Any of them may have signed. */
  readonly keys: readonly Buffer[];
  /** The database's clock and this node's own. Providers sign by real time, and one of the two may be wrong. */
  readonly webhookClocks: readonly Clock[];
  readonly limits: Pick<Limits, 'general'>;
}

/**
 * Returns the bytes of a body that is signed.
 * @throws ProblemError WEBHOOK_SIGNATURE_INVALID, or that of the limit: requests without a signature count by their address
 */
export async function signedBody(
  { keys, webhookClocks, limits }: WebhookChecks,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Buffer> {
  const bytes = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
  if (isSigned(keys, request.headers, bytes, ...webhookClocks.map((clock) => clock()))) return bytes;
  await limits.general(undefined, request, (name, value) => reply.header(name, value));
  throw new ProblemError('WEBHOOK_SIGNATURE_INVALID');
}
