import { AddressRefused, type GuardedHttp } from '../../../../platform/http/guarded-http.ts';
import { signedHeaders } from '../../../../platform/http/webhook-signature.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import { type Attempt, type AttemptError, attemptOf, connectionError } from '../../domain/attempt.ts';
import { messageIdOf } from '../../domain/delivery.ts';
import type { SecretBox } from '../ports.ts';
import type { SendRequest } from './ports.ts';

export interface SendRequestDeps {
  readonly http: GuardedHttp;
  readonly box: Pick<SecretBox, 'open'>;
  /** Receivers compare the time of the signature with theirs. */
  readonly wallClock: Clock;
  readonly userAgent: string;
}

/** Sends a delivery, signed with each secret that is valid. */
export const sendRequest =
  ({ http, box, wallClock, userAgent }: SendRequestDeps): SendRequest =>
  async (endpoint, { eventId, body }): Promise<Attempt> => {
    const keys = endpoint.secrets.flatMap((sealed) => box.open(sealed, endpoint.id) ?? []);
    // The operator has lost the secret that encrypted it: an unsigned request would be refused, too.
    if (keys.length === 0) return { kind: 'FAILED', status: null, error: 'SECRET_UNREADABLE' };
    const nowMs = wallClock();
    const id = messageIdOf(endpoint.id, eventId);
    const headers = {
      'content-type': 'application/json',
      'user-agent': userAgent,
      ...signedHeaders(keys, { id, timestamp: Math.floor(nowMs / 1_000), body }),
    };
    try {
      const { status, retryAfter } = await http.post(new URL(endpoint.url), headers, Buffer.from(body));
      return attemptOf(status, retryAfter, wallClock());
    } catch (error) {
      return { kind: 'FAILED', status: null, error: codeOf(error) };
    }
  };

/** A code of the failure, without data of the receiver. */
function codeOf(error: unknown): AttemptError {
  const { name, code, cause } = Object(error) as { name?: unknown; code?: unknown; cause?: unknown };
  if (error instanceof AddressRefused || cause instanceof AddressRefused) return 'ADDRESS_REFUSED';
  if (name === 'TimeoutError' || (typeof code === 'string' && code.endsWith('_TIMEOUT'))) return 'TIMEOUT';
  return connectionError(code) ?? 'NO_RESPONSE';
}
