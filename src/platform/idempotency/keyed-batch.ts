import type pg from 'pg';
import { type Keyed, Replay, replayOf } from '../kernel/command-key.ts';
import type { Statement } from '../postgres/statement.ts';
import {
  deleteExpired,
  expiredIn,
  type NewResult,
  newResult,
  placeOf,
  readResults,
  replaysIn,
  storeResults,
} from './command-results.ts';

/** What keys add to the transaction of a batch. Without a key in the batch that is no statement. */
export interface KeyedBatch<Command, Outcome> {
  /** At most one statement. Send it as the last of the loads: it has to see what the holders of the locks before committed. */
  readonly reads: readonly Statement[];
  /** @param loaded the results of all loads, the last one that of `reads` */
  split(loaded: readonly pg.QueryResult[]): SplitBatch<Command, Outcome>;
}

export interface SplitBatch<Command, Outcome> {
  /** The commands to decide: their key is not known, and no earlier command of the batch has it. */
  readonly fresh: readonly Command[];
  /** @param outcomes one for each fresh command, in their order */
  merge(outcomes: readonly Outcome[]): MergedBatch<Outcome>;
}

export interface MergedBatch<Outcome> {
  /** One for each command of the batch, in their order. */
  readonly outcomes: readonly (Outcome | Replay)[];
  /** To be stored by `writes`. */
  readonly results: readonly NewResult[];
  /** For the end of the transaction: one statement, another where an expired result is in the way, and one for the audit log. */
  readonly writes: readonly Statement[];
}

/** Keeps that a key has one effect, for commands that are decided together. */
export function keyedBatch<Outcome, Command extends Keyed<Outcome>>(
  commands: readonly Command[],
): KeyedBatch<Command, Outcome> {
  const keys = commands.flatMap(({ idempotency }) => (idempotency ? [idempotency.commandKey] : []));
  if (keys.length === 0) {
    const merge = (outcomes: readonly Outcome[]) => ({ outcomes, results: [], writes: [] });
    return { reads: [], split: () => ({ fresh: commands, merge }) };
  }
  return { reads: [readResults(keys)], split: (loaded) => splitBatch(commands, loaded.at(-1)) };
}

function splitBatch<Outcome, Command extends Keyed<Outcome>>(
  commands: readonly Command[],
  kept: pg.QueryResult = { rows: [] } as unknown as pg.QueryResult,
): SplitBatch<Command, Outcome> {
  const known = replaysIn(kept);
  const fresh: Command[] = [];
  const placeInFresh = new Map<string, number>();
  /** For each command: its replay, or which of the fresh ones is decided for it. */
  const plan = commands.map((command): Replay | number => {
    const key = command.idempotency?.commandKey;
    const replay = key && known(key);
    if (replay) return replay;
    const before = key && placeInFresh.get(placeOf(key));
    if (before !== undefined) return before;
    if (key) placeInFresh.set(placeOf(key), fresh.length);
    return fresh.push(command) - 1;
  });
  const keys = fresh.flatMap(({ idempotency }) => (idempotency ? [idempotency.commandKey] : []));
  const expired = expiredIn(kept, keys);
  const clearing = expired.length === 0 ? [] : [deleteExpired(expired)];
  return {
    fresh,
    merge(outcomes) {
      const { writes, ...merged } = mergeBatch(commands, plan, fresh, outcomes);
      return { ...merged, writes: writes.length === 0 ? [] : [...clearing, ...writes] };
    },
  };
}

function mergeBatch<Outcome, Command extends Keyed<Outcome>>(
  commands: readonly Command[],
  plan: readonly (Replay | number)[],
  fresh: readonly Command[],
  decided: readonly Outcome[],
): MergedBatch<Outcome> {
  const stored = fresh.map(
    ({ idempotency }, index) => idempotency && newResult(idempotency, decided[index] as Outcome),
  );
  const results = stored.filter((result) => result !== undefined);
  const outcomes = plan.map((place, index) => {
    if (place instanceof Replay) return place;
    const command = commands[index] as Command;
    const first = fresh[place] as Command;
    return command === first ? (decided[place] as Outcome) : repeated(command, first, decided[place], stored[place]);
  });
  return { outcomes, results, writes: results.length === 0 ? [] : storeResults(results) };
}

/** The outcome of a command whose key an earlier one of the same batch has. */
function repeated<Outcome>(
  { idempotency }: Keyed<Outcome>,
  first: Keyed<Outcome>,
  decided: Outcome | undefined,
  stored: NewResult | undefined,
): Outcome | Replay {
  if (idempotency === undefined || first.idempotency === undefined) throw new Error('a repeat without a key');
  const { requestHash } = first.idempotency.commandKey;
  if (stored) return replayOf(idempotency.commandKey, { requestHash, result: stored.result });
  // Nothing was kept: the same request gets the same refusal, another one may try again.
  return Buffer.compare(requestHash, idempotency.commandKey.requestHash) === 0
    ? (decided as Outcome)
    : new Replay(undefined);
}
