/**
 * A revocation becomes visible at the commit, slightly after its time, and the clocks of nodes differ. So a reader looks this much further
 * back than requested.
 */
export const REVOCATION_OVERLAP_MS = 15_000;

/** Returns the time from which revocations matter: at most the lifetime of an access token ago, because older tokens have expired. */
export function revocationsFrom(since: Date | undefined, accessTokenLifeMs: number, now: Date): Date {
  const oldest = now.getTime() - accessTokenLifeMs;
  return new Date(Math.max(since?.getTime() ?? 0, oldest) - REVOCATION_OVERLAP_MS);
}
