/** A rate is the mean of this time. */
const WINDOW_MS = 2_000;
const ENOUGH = 0.9;

/** What happened to a load, in milliseconds of `performance.now()`. */
export interface Timeline {
  /** Users that come in a second. */
  readonly arrivals: number;
  /** When something succeeded, ascending. */
  readonly successes: readonly number[];
  readonly attempts: readonly { readonly atMs: number; readonly outcome: string }[];
}

/** The moments of a cell. */
export interface Moments {
  /** The load runs evenly from here. */
  readonly warmMs: number;
  /** The fault begins. */
  readonly beginMs: number;
  /** It ends; for a kill the same moment. Recovery counts from here. */
  readonly endMs: number;
  /** The last moment that is measured. */
  readonly untilMs: number;
}

export interface Recovery {
  /** Successes a second before the fault, at most as many as come. */
  readonly before: number;
  /** The lowest rate since the fault began, as a share of the rate before. */
  readonly lowest: number;
  /** The longest time without a success since the fault began. */
  readonly longestGapMs: number;
  /** From the end of the fault to the next success; from a kill to the end of the pause that it caused. Undefined: none came. */
  readonly firstMs: number | undefined;
  /** From the end of the fault until the rate of a window, and that from there on, was 90 % of that before. Undefined: it was not. */
  readonly backMs: number | undefined;
  /** Attempts since the fault began that gave no final response, by outcome. */
  readonly retried: Readonly<Record<string, number>>;
}

/** Is the rate of the last seconds that of before the fault again? */
export function isBack(timeline: Timeline, moments: Omit<Moments, 'untilMs'>, nowMs: number): boolean {
  const from = nowMs - WINDOW_MS;
  return from >= moments.endMs && rate(timeline.successes, from, nowMs) >= ENOUGH * rateBefore(timeline, moments);
}

export function recovery(timeline: Timeline, moments: Moments): Recovery {
  const { successes, attempts } = timeline;
  const { beginMs, endMs, untilMs } = moments;
  const before = rateBefore(timeline, moments);
  const windows: { readonly fromMs: number; readonly rate: number }[] = [];
  for (let fromMs = beginMs; fromMs + WINDOW_MS <= untilMs; fromMs += WINDOW_MS / 8) {
    windows.push({ fromMs, rate: rate(successes, fromMs, fromMs + WINDOW_MS) });
  }
  const isEnough = (each: number): boolean => each >= ENOUGH * before;
  const since = successes.filter((atMs) => atMs >= beginMs && atMs <= untilMs);
  const known = [beginMs, ...since, untilMs];
  // What was in flight may still succeed after a kill.
  const fromMs = endMs === beginMs ? startOfPause(known) : endMs;
  const first = since.find((atMs) => (fromMs === endMs ? atMs >= fromMs : atMs > fromMs));
  const back = windows.find(
    (each) => each.fromMs >= fromMs && isEnough(each.rate) && isEnough(rate(successes, each.fromMs, untilMs)),
  );
  const retried: Record<string, number> = {};
  for (const { atMs, outcome } of attempts) {
    if (atMs >= beginMs && atMs <= untilMs && !isFinal(outcome)) retried[outcome] = (retried[outcome] ?? 0) + 1;
  }
  return {
    before,
    lowest: before === 0 ? 0 : Math.min(...windows.map((window) => window.rate)) / before,
    longestGapMs: Math.max(...gapsOf(known)),
    firstMs: first === undefined ? undefined : first - endMs,
    backMs: back === undefined ? undefined : back.fromMs - endMs,
    retried,
  };
}

const PAUSE_MS = 1_000;

/** The beginning of the longest gap, if it is one that users notice. */
function startOfPause(moments: readonly number[]): number {
  const gaps = gapsOf(moments);
  const longestMs = Math.max(...gaps);
  return (longestMs < PAUSE_MS ? moments[0] : moments[gaps.indexOf(longestMs)]) ?? 0;
}

const gapsOf = (moments: readonly number[]): readonly number[] =>
  moments.slice(1).map((toMs, index) => toMs - (moments[index] ?? toMs));

/** No more than come: a load that catches up succeeds more often than it will go on to. */
const rateBefore = ({ successes, arrivals }: Timeline, { warmMs, beginMs }: Omit<Moments, 'untilMs'>): number =>
  Math.min(arrivals, rate(successes, warmMs, beginMs));

const rate = (successes: readonly number[], fromMs: number, toMs: number): number =>
  (successes.filter((atMs) => atMs >= fromMs && atMs < toMs).length * 1_000) / (toMs - fromMs);

/** As retrying-client.ts retries. */
const isFinal = (outcome: string): boolean => !/^(50[234]|429|no response|409 IDEMPOTENCY_KEY_IN_USE)/.test(outcome);
