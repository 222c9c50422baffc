import type pg from 'pg';
import { insertAudit } from '../audit/insert-audit.ts';
import { type CommandKey, type Idempotency, type Replay, replayOf, type StoredResult } from '../kernel/command-key.ts';
import type { AuditEntry } from '../kernel/contract.ts';
import { CONFIRM } from '../postgres/confirm.ts';
import type { Statement } from '../postgres/statement.ts';

/** The constraint that lets two transactions with the same key not both commit. */
export const COMMAND_RESULTS_KEY = 'command_results_pkey';

// One index look-up a key: a join could be planned as a scan of the whole table.
const READ = `
  select kept.scope, kept.key, kept.request_hash as "requestHash", kept.result, kept.expires_at <= now() as "isExpired"
  from unnest($1::text[], $2::text[]) as asked(scope, key) cross join lateral (
    select * from platform.command_results as r where r.scope = asked.scope and r.key = asked.key limit 1) as kept`;

// In one order, so that two batches with several common keys do not wait for each other in a circle.
const INSERT = `
  insert into platform.command_results (scope, key, request_hash, result)
  select * from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) as new(scope, key, request_hash, result)
  order by 1, 2`;

// Only where such a row was seen. Of two transactions that see it one deletes it; the other one then fails on the key.
const DELETE_EXPIRED = `
  delete from platform.command_results as r using unnest($1::text[], $2::text[]) as asked(scope, key)
  where r.scope = asked.scope and r.key = asked.key and r.expires_at <= now()`;

interface StoredRow extends StoredResult, pg.QueryResultRow {
  readonly scope: string;
  readonly key: string;
  /** Its 24 hours are over and it was not swept yet. */
  readonly isExpired: boolean;
}

/** A result to be stored with the effect of its command. */
export interface NewResult {
  readonly commandKey: CommandKey;
  readonly result: Uint8Array;
  /** The line for the audit log. */
  readonly audit?: AuditEntry | undefined;
}

/** What is to be stored for a command that was decided; undefined: nothing, so that its key may be tried again. */
export function newResult<Outcome>(
  { commandKey, resultOf, auditOf = () => commandKey.audit }: Idempotency<Outcome>,
  outcome: Outcome,
): NewResult | undefined {
  const result = resultOf(outcome);
  return result && { commandKey, result, audit: commandKey.audit && auditOf(outcome) };
}

/** Reads what is kept for these commands. Send it after the locks, so that it sees what their last holders committed. */
export const readResults = (keys: readonly CommandKey[]): Statement => ({
  name: 'command-results-read',
  text: READ,
  values: [keys.map(({ scope }) => scope), keys.map(({ key }) => key)],
});

/**
 * Finds the replays of these commands, in their order. When there is one, the transaction, or the query of a pool, ends only when
 * the standbys have its effect.
 */
export async function findReplays(
  client: Pick<pg.ClientBase | pg.Pool, 'query'>,
  keys: readonly CommandKey[],
): Promise<readonly (Replay | undefined)[]> {
  return (await lookUp(client, keys)).replays;
}

/** As `findReplays`, with the keys whose results are expired and still there. */
export async function lookUp(
  client: Pick<pg.ClientBase | pg.Pool, 'query'>,
  keys: readonly CommandKey[],
): Promise<{ readonly replays: readonly (Replay | undefined)[]; readonly expired: readonly CommandKey[] }> {
  const { name, text, values } = readResults(keys);
  const found = await client.query({ name, text, values: [...values] });
  const replays = keys.map(replaysIn(found));
  if (replays.some((replay) => replay !== undefined)) await client.query(CONFIRM.text);
  return { replays, expired: expiredIn(found, keys) };
}

/** Makes room for new results. Send it before `insertResults`, for the keys that `expiredIn` returned. */
export function deleteExpired(keys: readonly CommandKey[]): Statement {
  // In one order, as results are inserted.
  const sorted = [...keys].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  const values = [sorted.map(({ scope }) => scope), sorted.map(({ key }) => key)];
  return { name: 'command-results-expired', text: DELETE_EXPIRED, values };
}

/** Stores results, and the lines of the audit log with them. Send it at the end of the transaction. Fails as `insertResults`. */
export const storeResults = (results: readonly NewResult[]): readonly Statement[] => [
  insertResults(results),
  ...insertAudit(results.flatMap(({ audit }) => audit ?? [])),
];

/** Stores results. Fails on `COMMAND_RESULTS_KEY` when another transaction has stored one for the same key meanwhile. */
const insertResults = (results: readonly NewResult[]): Statement => ({
  name: 'command-results-insert',
  text: INSERT,
  values: [
    results.map(({ commandKey }) => commandKey.scope),
    results.map(({ commandKey }) => commandKey.key),
    results.map(({ commandKey }) => Buffer.from(commandKey.requestHash)),
    results.map(({ result }) => Buffer.from(result)),
  ],
});

/** Looks up the replay of a command in the rows that `readResults` returned. */
export function replaysIn({ rows }: Pick<pg.QueryResult, 'rows'>): (commandKey: CommandKey) => Replay | undefined {
  const kept = new Map(
    (rows as readonly StoredRow[]).filter(({ isExpired }) => !isExpired).map((row) => [placeOf(row), row]),
  );
  return (commandKey) => {
    const row = kept.get(placeOf(commandKey));
    return row && replayOf(commandKey, row);
  };
}

/** Which of the keys have an expired result in the rows that `readResults` returned. */
export function expiredIn({ rows }: Pick<pg.QueryResult, 'rows'>, keys: readonly CommandKey[]): readonly CommandKey[] {
  const expired = new Set((rows as readonly StoredRow[]).filter(({ isExpired }) => isExpired).map(placeOf));
  return expired.size === 0 ? [] : keys.filter((commandKey) => expired.has(placeOf(commandKey)));
}

/** Equal for two commands that may have one effect together. Neither a scope nor a key contains a line break. */
export const placeOf = ({ scope, key }: Pick<CommandKey, 'scope' | 'key'>): string => `${scope}\n${key}`;

// An expired result was there before.
const IS_STORED = `
  select 1 from platform.command_results
  where scope = $1 and key = $2 and request_hash = $3 and expires_at > now()`;

/** Returns whether the transaction that was to store this result was committed, after its COMMIT had no response. */
export async function isStored(client: Pick<pg.ClientBase, 'query'>, { commandKey }: NewResult): Promise<boolean> {
  const { scope, key, requestHash } = commandKey;
  return (await client.query(IS_STORED, [scope, key, Buffer.from(requestHash)])).rowCount === 1;
}
