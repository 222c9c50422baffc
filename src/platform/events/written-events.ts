import type { Snapshot } from '../context.ts';
import type { Delivery } from './bus.ts';
import { expand } from './expand.ts';
import { parsePayload } from './outbox-rows.ts';

/**
 * SQL that answers how many events of a topic were ever written, by the batches' `countBy` key: (key text, published
 * bigint, queued bigint). What leaves the outbox moves from the one to the other in one statement, so in any snapshot the
 * sum is exact.
 */
export const writtenEvents = (topic: string): string => `
  select coalesce(p.key, q.key) as key, coalesce(p.events, 0) as published, coalesce(q.events, 0) as queued
  from (select key, events from platform.published_events where topic = '${topic}') as p
  full join (
    select counted.key, sum(counted.value::bigint) as events
    from platform.outbox, jsonb_each_text(tally -> '${topic}') as counted
    where topics @> array['${topic}']
    group by counted.key
  ) as q on q.key = p.key`;

interface QueuedRow {
  readonly id: string;
  readonly created_at: Date;
  readonly payload: string;
}

/** The events of a topic that are still in the outbox, of its oldest `maxRows` rows. */
export async function queuedEvents(snapshot: Snapshot, topic: string, maxRows: number): Promise<Delivery[]> {
  const { rows } = await snapshot.query<QueuedRow>(
    `select o.id::text, created_at, payload from platform.outbox as o where topics @> array[$1::text]
     order by o.xid, o.id limit $2`,
    [topic, maxRows],
  );
  return rows
    .flatMap((row) => expand(row.id, row.created_at, parsePayload(row.payload)))
    .filter((delivery) => delivery.topic === topic);
}
