/**
 * A revocation becomes visible when its transaction commits, a little after the instant it carries, and nodes' clocks
 * differ: a reader looks this far back behind what it asked for.
 */
export const REVOCATION_OVERLAP_MS = 15_000;

/** From when on revocations matter: never longer ago than an access token lives, since older tokens are dead anyway. */
export function revocationsFrom(since: Date | undefined, accessTokenLifeMs: number, now: Date): Date {
  const oldest = now.getTime() - accessTokenLifeMs;
  return new Date(Math.max(since?.getTime() ?? 0, oldest) - REVOCATION_OVERLAP_MS);
}
