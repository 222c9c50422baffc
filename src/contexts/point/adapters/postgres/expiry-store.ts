import type pg from 'pg';
import { INSERT_OUTBOX, type OutboxBatch, outboxValues } from '../../../../platform/events/outbox.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { ExpiringPoints, ExpiryStore, LotPosition } from '../../application/ports.ts';

const EXPIRED = `
  select id, user_id as "userId" from point.lots
  where open and expires_at < 'infinity' and expires_at <= $1::timestamptz order by expires_at, id limit $2`;

const LOTS_OF_DAY = `
  select id, user_id, expires_at from point.lots
  where open and expires_at < 'infinity' and expires_at >= $1::timestamptz and expires_at < $2::timestamptz
    and (expires_at, id) > ($3::timestamptz, $4::bigint)
  order by expires_at, id limit $5`;

// An existing row, or one that another node is about to commit, prevents a second notice to a user.
const INSERT_NOTICES = `
  with new as (
    insert into point.expiry_notices (user_id, day, days_ahead)
    select id, $2::date, $3 from unnest($1::bigint[]) as id order by id
    on conflict do nothing returning user_id
  )
  select new.user_id, (select sum(remaining)::bigint from point.lots as l where l.user_id = new.user_id and open
    and expires_at >= $4::timestamptz and expires_at < $5::timestamptz) as amount
  from new`;

const FORGET = `
  delete from point.refusals where ctid = any(array(
    select ctid from point.refusals where created_at < $1::timestamptz limit $2))`;

interface DueRow extends pg.QueryResultRow {
  id: bigint;
  user_id: bigint;
  expires_at: Date;
}

export interface ExpiryStoreDeps {
  readonly database: Database;
  readonly nextId: IdSource;
  /** Builds the events of notices. */
  readonly eventsOf: (notices: readonly ExpiringPoints[]) => readonly OutboxBatch[];
  /** Called after a commit that wrote events. */
  readonly onEvents: () => void;
}

export function postgresExpiryStore({ database, nextId, eventsOf, onEvents }: ExpiryStoreDeps): ExpiryStore {
  return {
    async expired(nowMs, limit) {
      return (await database.pool.query<{ id: bigint; userId: bigint }>(EXPIRED, [new Date(nowMs), limit])).rows;
    },
    async announce({ daysAhead, day, fromMs, toMs, after, limit }) {
      const range = [new Date(fromMs), new Date(toMs)];
      const position = after ? [new Date(after.expiresAtMs), after.id] : ['-infinity', 0n];
      const { rows } = await database.pool.query<DueRow>(LOTS_OF_DAY, [...range, ...position, limit]);
      const last = rows.length === limit ? rows.at(-1) : undefined;
      const next: LotPosition | undefined = last && { expiresAtMs: last.expires_at.getTime(), id: last.id };
      const users = [...new Set(rows.map(({ user_id }) => user_id))];
      if (users.length === 0) return { notified: 0, next };
      const notified = await inTransaction(database.pool, async (client) => {
        const inserted = await client.query<{ user_id: bigint; amount: bigint | null }>(INSERT_NOTICES, [
          users,
          day,
          daysAhead,
          ...range,
        ]);
        // Null: spent after the lots were read.
        const notices = inserted.rows.flatMap(({ user_id, amount }) =>
          amount === null ? [] : [{ userId: user_id, amount, daysAhead, day }],
        );
        if (notices.length > 0) {
          await client.query(INSERT_OUTBOX, outboxValues(nextId(), eventsOf(notices)));
        }
        return notices.length;
      });
      if (notified > 0) onEvents();
      return { notified, next };
    },
    async forgetRefusals(beforeMs, limit) {
      return (await database.pool.query(FORGET, [new Date(beforeMs), limit])).rowCount ?? 0;
    },
  };
}
