import type pg from 'pg';
import type { Delivery } from '../events/bus.ts';

const CLAIM = `
  insert into platform.inbox (consumer, event_id)
  select $1, event_id from unnest($2::text[]) as event_id order by event_id
  on conflict do nothing
  returning event_id`;

/**
 * Claims events for a consumer and answers those that it has not handled before, in the order given. Call it inside the
 * transaction that holds the effect: both commit or neither does, so an event that comes again has no second effect. A
 * racing transaction with the same event waits here until the first one has ended.
 * @param client a connection with an open transaction at READ COMMITTED
 */
export async function handleOnce(
  client: Pick<pg.ClientBase, 'query'>,
  consumer: string,
  events: readonly Delivery[],
): Promise<Delivery[]> {
  const ids = [...new Set(events.map(({ event }) => event.eventId))];
  if (ids.length === 0) return [];
  const { rows } = await client.query<{ event_id: string }>(CLAIM, [consumer, ids]);
  const fresh = new Set(rows.map((row) => row.event_id));
  // Deleting answers true once: an event that stands twice in the batch is handled once.
  return events.filter(({ event }) => fresh.delete(event.eventId));
}

/**
 * Forgets what was handled long ago; events do not come again after days. At most `limit` rows a call.
 * @returns how many rows went
 */
export async function forgetHandled(
  pool: Pick<pg.Pool, 'query'>,
  olderThanHours: number,
  limit = 10_000,
): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from platform.inbox where ctid = any(array(
       select ctid from platform.inbox where handled_at < now() - make_interval(hours => $1::int) limit $2))`,
    [olderThanHours, limit],
  );
  return rowCount ?? 0;
}
