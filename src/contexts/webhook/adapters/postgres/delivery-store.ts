import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { DeliveryChanged, DeliveryRecord, DeliveryStore } from '../../application/ports.ts';

const COLUMNS = `
  id, endpoint_id as "endpointId", event_id as "eventId", topic, subject, status, attempts, last_status as "lastStatus",
  last_error as "lastError", due_at as "dueAt", created_at as "createdAt", finished_at as "finishedAt", body`;

const LIST = `
  select ${COLUMNS} from webhook.deliveries
  where endpoint_id = $1 and ($2::text is null or status = $2) and ($3::bigint is null or id < $3) order by id desc limit $4`;

/** Locks the endpoint against a deletion, and lets a failing one be tried at once. */
const WAKE = `update webhook.endpoints set resume_at = null, wakes = wakes + 1 where id = $1 returning enabled`;

const ADD = `
  insert into webhook.deliveries (endpoint_id, event_id, topic, subject, body, status, due_at, created_at)
  values ($1, $2, $3, $4, $5, 'PENDING', $6, $6) returning ${COLUMNS}`;

const REPLAY = `
  update webhook.deliveries set status = 'PENDING', attempts = 0, due_at = $3, finished_at = null
  where endpoint_id = $1 and id = $2 and body is not null returning ${COLUMNS}`;

/** The deliveries of endpoints, for administrators. */
export function postgresDeliveryStore(pool: pg.Pool): DeliveryStore {
  async function wake(client: pg.ClientBase, endpointId: bigint): Promise<'NO_ENDPOINT' | 'DISABLED' | undefined> {
    const { rows } = await client.query<{ enabled: boolean }>(WAKE, [endpointId]);
    if (rows[0] === undefined) return 'NO_ENDPOINT';
    return rows[0].enabled ? undefined : 'DISABLED';
  }

  return {
    async list(endpointId, { status, before, limit }) {
      const values = [endpointId, status ?? null, before ?? null, limit];
      return (await pool.query<DeliveryRecord>(LIST, values)).rows;
    },

    add: (endpointId, { eventId, topic, subject, body }, at, idempotency) =>
      transactOnce<DeliveryChanged>(pool, idempotency, async (client) => {
        const refused = await wake(client, endpointId);
        if (refused !== undefined) return refused;
        const values = [endpointId, eventId, topic, subject, body, at];
        const { rows } = await client.query<DeliveryRecord>(ADD, values);
        if (rows[0] === undefined) throw new Error('a delivery was inserted without being returned');
        return rows[0];
      }),

    replay: (endpointId, id, at, idempotency) =>
      transactOnce<DeliveryChanged>(pool, idempotency, async (client) => {
        const refused = await wake(client, endpointId);
        if (refused === 'NO_ENDPOINT') return refused;
        const { rows: found } = await client.query<{ isErased: boolean }>(
          'select body is null as "isErased" from webhook.deliveries where endpoint_id = $1 and id = $2 for update',
          [endpointId, id],
        );
        if (found[0] === undefined) return 'NO_DELIVERY';
        if (refused !== undefined) return refused;
        if (found[0].isErased) return 'ERASED';
        const { rows } = await client.query<DeliveryRecord>(REPLAY, [endpointId, id, at]);
        return rows[0] ?? 'NO_DELIVERY';
      }),
  };
}
