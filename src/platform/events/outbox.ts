/**
 * The events of one transaction, as the group that wrote them states them: what all share once, what differs per event.
 * Expanding to envelopes is the relay's work, off the hot path.
 */
export interface OutboxBatch {
  /** For example coupon.issued. */
  readonly topic: string;
  readonly source: string;
  /** Which field of the data is the aggregate's id, and so the key. */
  readonly keyField: string;
  /** Fields of `data` that all events of the batch share. */
  readonly common: Readonly<Record<string, unknown>>;
  readonly columns: readonly string[];
  /** One row an event, one value a column. 64-bit ids as strings. */
  readonly rows: readonly (readonly unknown[])[];
}

/** SQL to write one row of events: $1 id, $2 topics, $3 payload (JSON of OutboxBatch[]). Run inside the transaction. */
export const INSERT_OUTBOX = `
  insert into platform.outbox (id, topics, payload) values ($1::bigint, $2::text[], $3::text)`;
