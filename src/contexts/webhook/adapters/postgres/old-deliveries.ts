import type pg from 'pg';
import type { OldDeliveries } from '../../application/ports.ts';
import { eraseForgotten } from './erase-forgotten.ts';

const place = (condition: string, parameters: string) => `
  delete from webhook.deliveries where (endpoint_id, id) in (
    select d.endpoint_id, d.id from webhook.deliveries as d ${condition} limit ${parameters} for update of d skip locked)`;

const DELETE_FINISHED = place('where d.finished_at < $1 order by d.finished_at', '$2');
const DELETE_STALE = place(
  `join webhook.endpoints as e on e.id = d.endpoint_id where not e.enabled and d.status = 'PENDING' and d.created_at < $1`,
  '$2',
);
/** Jumps from endpoint to endpoint by the primary key, since there may be millions of deliveries and none of them an orphan. */
const GONE = `(
  with recursive ids as (
    (select endpoint_id as id from webhook.deliveries order by endpoint_id limit 1)
    union all
    select (select n.endpoint_id from webhook.deliveries as n where n.endpoint_id > ids.id order by n.endpoint_id limit 1)
    from ids where ids.id is not null
  )
  select id from ids where id is not null and not exists (select from webhook.endpoints as e where e.id = ids.id)
)`;
const DELETE_ORPHANS = place(`where d.endpoint_id in ${GONE}`, '$1');

const DELETE_FORGOTTEN = `
  delete from webhook.forgotten_users where subject in (
    select subject from webhook.forgotten_users where deleted_at < $1 order by deleted_at limit $2)`;

export function oldDeliveries(pool: pg.Pool): OldDeliveries {
  const rowsOf = async (text: string, values: readonly unknown[]): Promise<number> =>
    (await pool.query(text, [...values])).rowCount ?? 0;
  return {
    deleteFinished: (before, limit) => rowsOf(DELETE_FINISHED, [before, limit]),
    deleteStale: (before, limit) => rowsOf(DELETE_STALE, [before, limit]),
    deleteOrphans: (limit) => rowsOf(DELETE_ORPHANS, [limit]),
    eraseForgotten: () => eraseForgotten(pool),
    deleteForgotten: (before, limit) => rowsOf(DELETE_FORGOTTEN, [before, limit]),
  };
}
