/** One request a user, policy and second may reach PostgreSQL without leaving a fact that later ones are refused by. */
export const LATELY_MS = 1_000;
/** More than this within a second and the oldest are forgotten. */
export const LATELY_MAX = 100_000;

/** Remembers keys for one to two seconds. */
export interface AskedLately {
  add(policyId: bigint, userId: bigint, nowMs: number): void;
  has(policyId: bigint, userId: bigint, nowMs: number): boolean;
}

/** Two sets that take turns: forgetting costs nothing, and no timer runs. */
export function askedLately(): AskedLately {
  let current = new Map<string, number>();
  let previous = new Map<string, number>();
  let turnedAtMs = 0;

  function turn(nowMs: number): void {
    const recent = nowMs >= turnedAtMs && nowMs - turnedAtMs < LATELY_MS;
    if (recent && current.size < LATELY_MAX) return;
    previous = current;
    current = new Map();
    turnedAtMs = nowMs;
  }

  return {
    add(policyId, userId, nowMs) {
      turn(nowMs);
      current.set(`${policyId}:${userId}`, nowMs);
    },
    has(policyId, userId, nowMs) {
      if (current.size === 0 && previous.size === 0) return false;
      const key = `${policyId}:${userId}`;
      const at = current.get(key) ?? previous.get(key);
      return at !== undefined && nowMs >= at && nowMs - at < LATELY_MS;
    },
  };
}
