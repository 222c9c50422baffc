import type { Statement } from '../postgres/statement.ts';

/**
 * The events of one topic that one transaction wrote, in compact form: fields that all events share are stated once. The relay
 * expands them to envelopes, off the hot path.
 */
export interface OutboxBatch {
  /** For example coupon.issued. */
  readonly topic: string;
  readonly source: string;
  /** The field of the data that is the aggregate's id. Its value is the key. */
  readonly keyField: string;
  /** Fields of `data` that all events of the batch share. */
  readonly common: Readonly<Record<string, unknown>>;
  readonly columns: readonly string[];
  /** One row for each event, one value for each column. 64-bit ids are strings. */
  readonly rows: readonly (readonly unknown[])[];
  /** The correlation id of the request that caused the batch. Absent: the id of the outbox row is used. */
  readonly correlationId?: string;
  /**
   * A field of the data by which events are counted permanently, so that the audit can compare them with the facts. For
   * coupon.issued it is policyId: the number of coupons of a policy equals the number of events ever written for it.
   */
  readonly countBy?: string;
  /** Counts all events of the topic permanently, where a count for each key would be a row for each event. */
  readonly countAll?: boolean;
}

/**
 * An outbox batch of a declared topic. Its columns and its common fields together are all fields of the topic's data, so the
 * compiler rejects a field that events.ts does not declare, one of another type, and one that is missing.
 * `Data`: what `data` is, by topic.
 */
export interface OutboxBatchOf<
  Data,
  Topic extends string & keyof Data,
  Columns extends readonly (string & keyof Data[Topic])[],
> extends OutboxBatch {
  readonly topic: Topic;
  readonly keyField: string & keyof Data[Topic];
  readonly countBy?: string & keyof Data[Topic];
  readonly common: Readonly<Omit<Data[Topic], Columns[number]>>;
  readonly columns: Columns;
  readonly rows: readonly { readonly [Index in keyof Columns]: Data[Topic][Columns[Index] & keyof Data[Topic]] }[];
}

/** The key under which `countAll` counts. */
export const COUNT_ALL = 'all';

/**
 * SQL that inserts one outbox row; its parameters come from `outboxValues`. Run it in the transaction whose effect the events
 * describe, and notify the relay after its commit.
 */
export const INSERT_OUTBOX = `
  insert into platform.outbox (id, topics, payload, events, tally)
  values ($1::bigint, $2::text[], $3::text, $4::int, $5::jsonb)`;

/** The same, once for each row of `source`, with parameters from number `first` on, for use inside a larger statement. */
export const insertOutboxFrom = (source: string, first: number): string => `
  insert into platform.outbox (id, topics, payload, events, tally)
  select $${first}::bigint, $${first + 1}::text[], $${first + 2}::text, $${first + 3}::int, $${first + 4}::jsonb from ${source}`;

/** The statement that inserts the events of a transaction; none without events. */
export const insertEvents = (id: bigint, batches: readonly OutboxBatch[]): Statement[] =>
  batches.length === 0 ? [] : [{ name: 'outbox', text: INSERT_OUTBOX, values: outboxValues(id, batches) }];

type Tally = Record<string, Record<string, number>>;

/**
 * The parameters of INSERT_OUTBOX. `id` is a Snowflake id; with the database's source and the index of an event it makes the event's
 * id.
 */
export function outboxValues(
  id: bigint,
  batches: readonly OutboxBatch[],
): [id: string, topics: string[], payload: string, events: number, tally: string | null] {
  const topics = [...new Set(batches.map((batch) => batch.topic))];
  const events = batches.reduce((sum, batch) => sum + batch.rows.length, 0);
  const tally = tallyOf(batches);
  return [String(id), topics, JSON.stringify(batches), events, tally === undefined ? null : JSON.stringify(tally)];
}

function tallyOf(batches: readonly OutboxBatch[]): Tally | undefined {
  let tally: Tally | undefined;
  for (const batch of batches) {
    if (batch.countBy === undefined && batch.countAll !== true) continue;
    tally ??= {};
    tally[batch.topic] ??= {};
    const counts = tally[batch.topic] as Record<string, number>;
    if (batch.countAll === true) add(counts, COUNT_ALL, batch.rows.length);
    if (batch.countBy === undefined) continue;
    const column = batch.columns.indexOf(batch.countBy);
    if (column < 0) {
      add(counts, batch.common[batch.countBy], batch.rows.length);
    } else {
      for (const row of batch.rows) add(counts, row[column], 1);
    }
  }
  return tally;
}

function add(counts: Record<string, number>, key: unknown, events: number): void {
  if (key === undefined) throw new Error('an outbox batch has no value for its countBy field');
  const name = String(key);
  counts[name] = (counts[name] ?? 0) + events;
}
