import type pg from 'pg';
import type { Delivery } from '../events/bus.ts';
import { bySource, fromMultirange, placeOf, toMultirange } from './event-ids.ts';
import type { Statement } from './statement.ts';

/**
 * `claimed` is computed under the row's lock from its newest version, so of transactions that race for one event exactly one claims
 * it; the others wait here until that one has ended. A row whose events are all known is locked and not written.
 */
const CLAIM_EVENTS = `
  insert into platform.inbox as i (consumer, source, seen)
  select $1, source, indexes from unnest($2::text[], $3::int4multirange[]) as ids(source, indexes)
  order by source collate "C"
  on conflict (consumer, source) do update
    set seen = i.seen + excluded.seen, claimed = excluded.seen - i.seen where not i.seen @> excluded.seen
  returning source, coalesce(claimed, seen)::text as claimed`;

/** Names a run of a server, as text: another server, or the same one after a start, has another. */
const SERVER_START = 'extract(epoch from pg_postmaster_start_time())::text';
const CLAIM_UNFLUSHED = `${CLAIM_EVENTS}, case when ${SERVER_START} = $4 then set_config('synchronous_commit', 'off', true) end`;

const IS_CLAIMED = 'select 1 from platform.inbox where consumer = $1 and source = $2 and seen @> $3::int';

export interface ClaimRow extends pg.QueryResultRow {
  readonly source: string;
  readonly claimed: string;
}

/**
 * Returns a statement that claims events for a consumer. Run it in the first round trip of the transaction that holds their effect,
 * before any other lock: every transaction takes these locks first. `freshEvents` reads its result.
 */
export const claimEvents = (consumer: string, eventIds: Iterable<string>): Statement => ({
  name: 'inbox-claim',
  text: CLAIM_EVENTS,
  values: claimValues(consumer, eventIds),
});

function claimValues(consumer: string, eventIds: Iterable<string>): readonly unknown[] {
  const ids = bySource(eventIds);
  const sources = ids.map(({ source }) => source);
  const indexes = ids.map((each) => toMultirange(each.indexes));
  return [consumer, sources, indexes];
}

/**
 * Returns a function that is true, once, for an event id that this claim got; false when the event was handled before, and at a second
 * call.
 */
export function freshEvents({ rows }: Pick<pg.QueryResult<ClaimRow>, 'rows'>): (eventId: string) => boolean {
  const fresh = new Map(rows.map(({ source, claimed }) => [source, new Set(fromMultirange(claimed))]));
  return (eventId) => {
    const { source, index } = placeOf(eventId);
    return fresh.get(source)?.delete(index) === true;
  };
}

/** Returns whether a committed transaction has claimed this event. */
export async function isClaimed(
  client: Pick<pg.ClientBase, 'query'>,
  consumer: string,
  eventId: string,
): Promise<boolean> {
  const { source, index } = placeOf(eventId);
  const { rowCount } = await client.query(IS_CLAIMED, [consumer, source, index]);
  return rowCount === 1;
}

/** Returns what names this run of the server. */
export async function serverStart(client: Pick<pg.ClientBase, 'query'>): Promise<string> {
  const { rows } = await client.query<{ start: string }>(`select ${SERVER_START} as start`);
  return rows[0]?.start ?? '';
}

/**
 * Claims events for a consumer and returns those that it has not handled before, in the given order, without duplicates. Call it in
 * the transaction that holds the effect: both commit or neither does, so an event that is delivered again has no second effect. A
 * concurrent transaction with the same event waits here until the first one has ended.
 *
 * The transaction commits without a flush of WAL where its events are in the outbox of the same server. A crash may undo the effect
 * then, and with it the later deletion of their rows, because WAL is kept up to some point and lost after it: the events are
 * delivered again. After a failover the server differs: a former primary that nobody has stopped yet must not confirm alone what the
 * new one deletes.
 * @param client a connection with an open transaction at READ COMMITTED
 */
export async function handleOnce<Event extends Delivery<unknown>>(
  client: Pick<pg.ClientBase, 'query'>,
  consumer: string,
  events: readonly Event[],
): Promise<Event[]> {
  if (events.length === 0) return [];
  const values = claimValues(
    consumer,
    events.map(({ event }) => event.eventId),
  );
  const server = events[0]?.outboxServer;
  const claim =
    server !== undefined && events.every(({ outboxServer }) => outboxServer === server)
      ? { name: 'inbox-claim-unflushed', text: CLAIM_UNFLUSHED, values: [...values, server] }
      : { name: 'inbox-claim', text: CLAIM_EVENTS, values: [...values] };
  const isFresh = freshEvents(await client.query<ClaimRow>(claim));
  return events.filter(({ event }) => isFresh(event.eventId));
}

/**
 * `old` is locked, so that no delete waits for a claim, and limited before dead letters are read: each of its rows costs one look-up
 * by index, however many dead letters there are. A row that a dead letter needs gets a new time and is not read again before it is
 * old once more.
 */
const FORGET = `
  with old as materialized (
    select i.ctid as place, exists (
      select from platform.dead_letters as l where l.consumer = i.consumer and l.source = i.source
    ) as is_needed
    from platform.inbox as i where handled_at < now() - make_interval(hours => $1::int)
    order by handled_at limit $2 for update of i skip locked
  ), kept as (
    update platform.inbox set handled_at = now() where ctid = any(array(select place from old where is_needed))
  ), forgotten as (
    delete from platform.inbox where ctid = any(array(select place from old where not is_needed))
  )
  select count(*)::int as rows from old`;

/**
 * Deletes claims of events that were handled long ago; events are not delivered again after days. A dead letter may be replayed at any
 * time, and its consumer may have handled the event after all, when it was delivered again after a crash. So the claims of that
 * outbox row are kept at least as long as the dead letter.
 * @param limit rows that one call looks at, at most
 * @returns how many rows it looked at
 */
export async function forgetHandled(
  pool: Pick<pg.Pool, 'query'>,
  olderThanHours: number,
  limit: number,
): Promise<number> {
  const { rows } = await pool.query<{ rows: number }>(FORGET, [olderThanHours, limit]);
  return rows[0]?.rows ?? 0;
}
