import { DAY_MS } from '../../../platform/kernel/durations.ts';

/** A refresh token is valid for 14 days, from each rotation. */
export const REFRESH_LIFE_MS = 14 * DAY_MS;

/** A log-in and all refresh tokens that descend from it: the family. */
export interface Session {
  readonly id: bigint;
  readonly userId: bigint;
  readonly startedAt: Date;
  /** When its newest refresh token expires. */
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

/** One refresh token of a family; `rotatedAt` is set once it was exchanged for the next. */
export interface RefreshToken {
  readonly digest: string;
  readonly expiresAt: Date;
  readonly rotatedAt: Date | null;
}

/** The session and the presented refresh token, read under the family's lock. */
export interface ShownToken {
  readonly session: Session;
  readonly token: RefreshToken;
}

/** The change of a family. */
export type SessionChange =
  | { readonly kind: 'KEEP' }
  | { readonly kind: 'ROTATE'; readonly at: Date; readonly next: RefreshToken }
  | { readonly kind: 'REVOKE'; readonly at: Date };

const KEEP: SessionChange = { kind: 'KEEP' };

/**
 * Exchanges the newest token of a family for `nextDigest`. The reuse of an exchanged token means that it was copied, so it ends the family
 * (RFC 9700, 4.14.2). Otherwise nothing changes.
 */
export function decideRefresh(shown: ShownToken | undefined, nextDigest: string, now: Date): SessionChange {
  if (shown === undefined || shown.session.revokedAt !== null || shown.token.expiresAt <= now) return KEEP;
  if (shown.token.rotatedAt !== null) return { kind: 'REVOKE', at: now };
  const expiresAt = new Date(now.getTime() + REFRESH_LIFE_MS);
  return { kind: 'ROTATE', at: now, next: { digest: nextDigest, expiresAt, rotatedAt: null } };
}

/** Any token of a family ends it, also one that was rotated or has expired. */
export function decideLogOut(shown: ShownToken | undefined, now: Date): SessionChange {
  return shown === undefined || shown.session.revokedAt !== null ? KEEP : { kind: 'REVOKE', at: now };
}
