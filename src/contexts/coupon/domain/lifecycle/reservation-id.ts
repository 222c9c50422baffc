import type { ReservationOrigin } from '../enumerations.ts';

/**
 * The id of a reservation in this context: `CUSTOMER:42:cart-1`. Callers choose ids, so ids of different users and origins
 * are kept apart: no caller can take or guess the id of another.
 */
export const qualifiedId = (origin: ReservationOrigin, userId: bigint, callerId: string): string =>
  `${origin}:${userId}:${callerId}`;

/** The id that the caller chose. */
export const callerIdOf = (qualified: string): string => qualified.slice(afterOrigin(qualified, 2));

export const originOf = (qualified: string): string => qualified.slice(0, afterOrigin(qualified, 1) - 1);

/** The index after the `count`-th colon. A caller's id may have colons, too. */
function afterOrigin(qualified: string, count: 1 | 2): number {
  const origin = qualified.indexOf(':') + 1;
  return count === 1 ? origin : qualified.indexOf(':', origin) + 1;
}
