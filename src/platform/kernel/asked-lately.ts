/** How long a user who asked for something may not ask again. */
const LATELY_MS = 1_000;
/** More than this within a second and the oldest are forgotten. */
const LATELY_MAX = 100_000;

/** Who asked for what within the last second. */
export interface AskedLately {
  add(subjectId: bigint, userId: bigint, nowMs: number): void;
  has(subjectId: bigint, userId: bigint, nowMs: number): boolean;
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
    add(subjectId, userId, nowMs) {
      turn(nowMs);
      current.set(`${subjectId}:${userId}`, nowMs);
    },
    has(subjectId, userId, nowMs) {
      if (current.size === 0 && previous.size === 0) return false;
      const key = `${subjectId}:${userId}`;
      const at = current.get(key) ?? previous.get(key);
      return at !== undefined && nowMs >= at && nowMs - at < LATELY_MS;
    },
  };
}
