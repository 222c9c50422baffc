import type { FastifyReply, FastifyRequest } from 'fastify';
import { isMachine, type Principal, principalKey } from '../auth/principal.ts';
import { networkOf } from '../limits/client-address.ts';
import type { StreamLimitSettings } from '../limits/limit-settings.ts';
import { refuseWhen } from '../limits/take.ts';

const RETRY_AFTER_SECONDS = 5;

/** The places for streams of each user and each address on this node, beside those of the node itself. */
export interface StreamPlaces {
  /** Takes a place until the response has ended. Throws RATE_LIMITED. Call it before headers are sent. */
  take(principal: Principal | undefined, request: Pick<FastifyRequest, 'ip'>, reply: Pick<FastifyReply, 'raw'>): void;
}

export const unlimitedStreamPlaces: StreamPlaces = { take() {} };

/** A machine has as many as an address: it watches for many users. */
export function streamPlaces({ principal: ofUser, address: ofAddress }: StreamLimitSettings): StreamPlaces {
  const open = new Map<string, number>();
  const count = (key: string): number => open.get(key) ?? 0;

  function leave(key: string): void {
    if (count(key) > 1) open.set(key, count(key) - 1);
    else open.delete(key);
  }

  return {
    take(principal, { ip }, { raw }) {
      // A client that is gone already has emitted `close`, and would keep its place for ever.
      if (raw.destroyed) return;
      const limits = new Map([[`a${networkOf(ip)}`, ofAddress]]);
      if (principal !== undefined) {
        limits.set(principalKey(principal), isMachine(principal) ? ofAddress : ofUser);
      }
      for (const [key, limit] of limits) refuseWhen(count(key) >= limit, RETRY_AFTER_SECONDS);
      for (const key of limits.keys()) open.set(key, count(key) + 1);
      raw.once('close', () => {
        for (const key of limits.keys()) leave(key);
      });
    },
  };
}
