/** A refresh token lives 14 days; each rotation starts them anew. */
export const REFRESH_LIFE_MS = 14 * 24 * 60 * 60 * 1000;

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

/** What is known, under the family's lock, when somebody shows a refresh token. */
export interface ShownToken {
  readonly session: Session;
  readonly token: RefreshToken;
}

/** What happens to the family. */
export type SessionChange =
  | { readonly kind: 'KEEP' }
  | { readonly kind: 'ROTATE'; readonly at: Date; readonly next: RefreshToken }
  | { readonly kind: 'REVOKE'; readonly at: Date };

const KEEP: SessionChange = { kind: 'KEEP' };

/**
 * Refresh: the newest token of a live family is exchanged for `nextDigest`; a token that was exchanged before was copied by
 * somebody, so its family ends (RFC 9700, 4.14.2). Anything else changes nothing.
 */
export function decideRefresh(shown: ShownToken | undefined, nextDigest: string, now: Date): SessionChange {
  if (shown === undefined || shown.session.revokedAt !== null || shown.token.expiresAt <= now) return KEEP;
  if (shown.token.rotatedAt !== null) return { kind: 'REVOKE', at: now };
  const expiresAt = new Date(now.getTime() + REFRESH_LIFE_MS);
  return { kind: 'ROTATE', at: now, next: { digest: nextDigest, expiresAt, rotatedAt: null } };
}

/** Log-out: any token of the family ends it, also one that was rotated or has expired. */
export function decideLogOut(shown: ShownToken | undefined, now: Date): SessionChange {
  return shown === undefined || shown.session.revokedAt !== null ? KEEP : { kind: 'REVOKE', at: now };
}
