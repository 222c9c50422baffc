import type { History, Outcome } from './history.ts';
import type { ResponseKind, Rush } from './rush.ts';

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface RushFigures {
  /** By the name of the kind of response. Public: a field of the JSON report. */
  readonly answers: Readonly<Record<string, { readonly count: number; readonly perSecond: number }>>;
  /** Any other final response, and clients without one. */
  readonly errors: number;
  /** The other responses, counted: `"400 POLICY_NOT_STARTED": 3`. */
  readonly errorKinds: Readonly<Record<string, number>>;
  readonly retries: History<unknown>['retries'];
  /** From t0 to the last response. */
  readonly durationMs: number;
  readonly latencyMs: Readonly<Record<string, Percentiles>>;
}

export function figuresOf<Data>(
  { outcomes, unanswered, retries }: History<Data>,
  { responses, latencies }: Pick<Rush<Data>, 'responses' | 'latencies'>,
): RushFigures {
  const sorted = new Map(responses.map((kind) => [kind, [] as Outcome<Data>[]]));
  const other: Outcome<Data>[] = [];
  for (const outcome of outcomes) {
    const kind = responses.find(({ includes }) => includes(outcome));
    (kind === undefined ? other : sorted.get(kind))?.push(outcome);
  }
  return {
    answers: Object.fromEntries(
      [...sorted].map(([kind, of]) => [kind.name, { count: of.length, perSecond: rateOf(kind, of) }]),
    ),
    errors: other.length + unanswered,
    errorKinds: kindsOf(other, unanswered),
    retries,
    durationMs: round(last(outcomes)),
    latencyMs: Object.fromEntries(
      latencies.flatMap(({ name, includes, ms }) => {
        const values = outcomes.filter(includes).map(ms);
        return values.length === 0 ? [] : [[name, percentilesOf(values)]];
      }),
    ),
  };
}

function rateOf<Data>({ rate }: ResponseKind<Data>, of: readonly Outcome<Data>[]): number {
  const ms = last(of) - (rate?.from === 'FIRST_OF_THEM' ? first(of) : 0);
  return ms > 0 ? round((of.length * 1000) / ms) : 0;
}

type Answered = readonly Pick<Outcome<unknown>, 'respondedMs'>[];
const last = (of: Answered): number => of.reduce((end, { respondedMs }) => Math.max(end, respondedMs), 0);
const first = (of: Answered): number => of.reduce((end, { respondedMs }) => Math.min(end, respondedMs), last(of));
/** To a thousandth: more digits are noise. */
const round = (value: number): number => Math.round(value * 1000) / 1000;

function kindsOf(outcomes: readonly Outcome<unknown>[], unanswered: number): Record<string, number> {
  const kinds: Record<string, number> = unanswered > 0 ? { 'no answer': unanswered } : {};
  for (const { status, code } of outcomes) {
    const kind = code === undefined ? `${status}` : `${status} ${code}`;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

/** Nearest rank: the smallest value that at least that share of all does not exceed. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
