import type { History, Outcome } from './history.ts';
import type { AnswerKind, Rush } from './rush.ts';

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface RushFigures {
  /** By the names of the rush's kinds of answers. */
  readonly answers: Readonly<Record<string, { readonly count: number; readonly perSecond: number }>>;
  /** Any other final answer, and askers who did not come to their end. */
  readonly errors: number;
  /** The other answers, counted: `"400 POLICY_NOT_STARTED": 3`. */
  readonly errorKinds: Readonly<Record<string, number>>;
  readonly retries: History<unknown>['retries'];
  /** From t0 to the last answer. */
  readonly durationMs: number;
  readonly latencyMs: Readonly<Record<string, Percentiles>>;
}

export function figuresOf<Told>(
  { outcomes, unanswered, retries }: History<Told>,
  { answers, latencies }: Pick<Rush<Told>, 'answers' | 'latencies'>,
): RushFigures {
  const sorted = new Map(answers.map((kind) => [kind, [] as Outcome<Told>[]]));
  const other: Outcome<Told>[] = [];
  for (const outcome of outcomes) {
    const kind = answers.find(({ includes }) => includes(outcome));
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

function rateOf<Told>({ rate }: AnswerKind<Told>, of: readonly Outcome<Told>[]): number {
  const ms = last(of) - (rate?.from === 'FIRST_OF_THEM' ? first(of) : 0);
  return ms > 0 ? round((of.length * 1000) / ms) : 0;
}

type Answered = readonly Pick<Outcome<unknown>, 'answeredMs'>[];
const last = (of: Answered): number => of.reduce((end, { answeredMs }) => Math.max(end, answeredMs), 0);
const first = (of: Answered): number => of.reduce((end, { answeredMs }) => Math.min(end, answeredMs), last(of));
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
