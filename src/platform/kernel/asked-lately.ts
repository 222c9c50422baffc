/** How long a user who asked for something may not ask again. */
const LATELY_MS = 1_000;
/** More than this within a second and the oldest are forgotten. */
const LATELY_MAX = 100_000;

/** Who asked within the last second. */
export interface AskedLately<Asker> {
  add(asker: Asker, nowMs: number): void;
  has(asker: Asker, nowMs: number): boolean;
}

/** Two sets that take turns: forgetting costs nothing, and no timer runs. */
export function askedLately<Asker extends string | bigint>(): AskedLately<Asker> {
  let current = new Map<Asker, number>();
  let previous = new Map<Asker, number>();
  let turnedAtMs = 0;

  function turn(nowMs: number): void {
    const recent = nowMs >= turnedAtMs && nowMs - turnedAtMs < LATELY_MS;
    if (recent && current.size < LATELY_MAX) return;
    previous = current;
    current = new Map();
    turnedAtMs = nowMs;
  }

  return {
    add(asker, nowMs) {
      turn(nowMs);
      current.set(asker, nowMs);
    },
    has(asker, nowMs) {
      const at = current.get(asker) ?? previous.get(asker);
      return at !== undefined && nowMs >= at && nowMs - at < LATELY_MS;
    },
  };
}
