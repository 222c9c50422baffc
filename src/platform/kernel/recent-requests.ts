/** How long a request counts as recent. */
const WINDOW_MS = 1_000;
/** With more requests than this within a second the oldest are forgotten. */
const REQUESTS_MAX = 100_000;

/** The requesters of the last second. */
export interface RecentRequests<Requester> {
  add(requester: Requester, nowMs: number): void;
  has(requester: Requester, nowMs: number): boolean;
}

/** Two generations that are rotated: forgetting costs nothing, and no timer runs. */
export function recentRequests<Requester extends string | bigint>(): RecentRequests<Requester> {
  let current = new Map<Requester, number>();
  let previous = new Map<Requester, number>();
  let rotatedAtMs = 0;

  function rotate(nowMs: number): void {
    const recent = nowMs >= rotatedAtMs && nowMs - rotatedAtMs < WINDOW_MS;
    if (recent && current.size < REQUESTS_MAX) return;
    previous = current;
    current = new Map();
    rotatedAtMs = nowMs;
  }

  return {
    add(requester, nowMs) {
      rotate(nowMs);
      current.set(requester, nowMs);
    },
    has(requester, nowMs) {
      const at = current.get(requester) ?? previous.get(requester);
      return at !== undefined && nowMs >= at && nowMs - at < WINDOW_MS;
    },
  };
}
