import { type History, isAlreadyIssued, isSoldOut, type Outcome } from './history.ts';

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Latencies of one kind of answer. */
export interface Latency {
  /** From t0, when everybody meant to ask: what a user waited, the queue in front of the connections included. */
  readonly fromIntended: Percentiles;
  /** From the moment the request left: what the server took. */
  readonly fromSent: Percentiles;
}

export interface RushFigures {
  readonly issued: number;
  readonly soldOut: number;
  readonly alreadyIssued: number;
  /** Any other final answer, and users without one. */
  readonly errors: number;
  /** The other answers, counted: `"400 POLICY_NOT_STARTED": 3`. */
  readonly errorKinds: Readonly<Record<string, number>>;
  readonly retries: History['retries'];
  /** From t0 to the last answer. */
  readonly durationMs: number;
  /** Coupons over the time from t0 to the last 201. */
  readonly issuesPerSecond: number;
  /** Refusals over the time from the first to the last of them. */
  readonly refusalsPerSecond: number;
  readonly latencyMs: { readonly admitted: Latency | null; readonly refused: Latency | null };
}

export function figuresOf(history: History): RushFigures {
  const { outcomes } = history;
  const admitted = outcomes.filter(({ status }) => status === 201);
  const soldOut = outcomes.filter(isSoldOut);
  const already = outcomes.filter(isAlreadyIssued);
  const other = outcomes.filter((one) => one.status !== 201 && !isSoldOut(one) && !isAlreadyIssued(one));
  const refused = [...soldOut, ...already];
  const last = (of: readonly Outcome[]): number => of.reduce((end, { answeredMs }) => Math.max(end, answeredMs), 0);
  const first = (of: readonly Outcome[]): number =>
    of.reduce((end, { answeredMs }) => Math.min(end, answeredMs), last(of));
  return {
    issued: admitted.length,
    soldOut: soldOut.length,
    alreadyIssued: already.length,
    errors: other.length + history.unanswered,
    errorKinds: kindsOf(other, history.unanswered),
    retries: history.retries,
    durationMs: round(last(outcomes)),
    issuesPerSecond: perSecond(admitted.length, last(admitted)),
    refusalsPerSecond: perSecond(refused.length, last(refused) - first(refused)),
    latencyMs: { admitted: latencyOf(admitted), refused: latencyOf(refused) },
  };
}

const perSecond = (count: number, ms: number): number => (ms > 0 ? round((count * 1000) / ms) : 0);
/** To a thousandth: more digits are noise. */
const round = (value: number): number => Math.round(value * 1000) / 1000;

function kindsOf(outcomes: readonly Outcome[], unanswered: number): Record<string, number> {
  const kinds: Record<string, number> = unanswered > 0 ? { 'no answer': unanswered } : {};
  for (const { status, code } of outcomes) {
    const kind = code === undefined ? `${status}` : `${status} ${code}`;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

function latencyOf(outcomes: readonly Outcome[]): Latency | null {
  if (outcomes.length === 0) return null;
  return {
    fromIntended: percentilesOf(outcomes.map(({ answeredMs }) => answeredMs)),
    fromSent: percentilesOf(outcomes.map(({ answeredMs, sentMs }) => answeredMs - sentMs)),
  };
}

/** Nearest rank: the smallest value that at least that share of all does not exceed. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
