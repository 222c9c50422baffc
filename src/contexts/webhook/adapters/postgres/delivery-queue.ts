import type pg from 'pg';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type {
  DeliveryQueue,
  DeliveryResult,
  LeasedEndpoint,
  Recorded,
  WaitingDelivery,
} from '../../application/deliver/ports.ts';
import { TEST_TOPIC } from '../../domain/delivery.ts';
import { disableEndpoint } from './disable-endpoint.ts';
import { MAKE_DUE } from './make-due.ts';

/** Columns of a leased endpoint `e` at the time $1. */
const LEASED = `
  e.id, e.lease, e.url, e.failures, e.failing_since as "failingSince", e.resume_at as "resumeAt", e.wakes, e.secret,
  case when e.previous_secret_until > $1 then e.previous_secret end as "previousSecret"`;

/**
 * Whether the delivery `d` may be sent: it is due, and no earlier one of its subject is put off, or was when an earlier page was read. Without statistics, or
 * with those of a time when nothing waited, a join read all that waits for each row: so it is a subquery, which only the index of subjects can serve.
 * @param at now, as a part of the statement like the others
 * @param after the id that ended the earlier page
 * @param held ids of those that this process has already
 */
const isSendable = (at: string, after: string, held: string): string => `
  d.status = 'PENDING' and d.due_at <= ${at} and d.id > ${after} and d.id <> all(${held}) and not coalesce((
    select true from webhook.deliveries as o
    where o.endpoint_id = d.endpoint_id and o.subject = d.subject and o.finished_at is null and o.id < d.id and o.id <> all(${held})
      and (o.due_at > ${at} or o.id <= ${after}) limit 1), false)`;

/** What others have locked is skipped. Each endpoint gets a lease of its own. */
const ACQUIRE = `
  with due as (
    select e.id from webhook.endpoints as e
    where e.enabled and (e.lease_until is null or e.lease_until <= $1) and (e.resume_at is null or e.resume_at <= $1)
      and e.id <> all($3::bigint[])
      and (select true from webhook.deliveries as d where d.endpoint_id = e.id and ${isSendable('$1', '0', "'{}'::bigint[]")} limit 1)
    order by e.lease_until nulls first limit $4 for no key update skip locked
  )
  update webhook.endpoints as e set lease = gen_random_uuid(), lease_until = $2 from due where e.id = due.id
  returning ${LEASED}`;

const RENEW = `
  update webhook.endpoints as e set lease_until = $2 where e.id = $3 and e.lease = $4 and e.enabled and e.lease_until > $1
  returning ${LEASED}`;

const RELEASE = 'update webhook.endpoints set lease = null, lease_until = null where id = $1 and lease = $2';

const WAITING = 'd.id, d.event_id as "eventId", d.subject, d.body, d.attempts';

const DUE = `
  select ${WAITING} from webhook.deliveries as d
  where d.endpoint_id = $1 and ${isSendable('$2', '$3', '$4::bigint[]')}
  order by d.id limit $5`;

/** An administrator waits for the test event. */
const PROBE = `
  select ${WAITING} from webhook.deliveries as d
  where d.endpoint_id = $1 and ${isSendable('$2', '0', '$3::bigint[]')}
  order by (d.topic = '${TEST_TOPIC}') desc, d.id limit 1`;

/** The lock of the endpoint. A process that has lost the lease, or whose endpoint was changed meanwhile, records nothing. */
const HOLD = 'select id from webhook.endpoints where id = $1 and lease = $2 for no key update';

/**
 * The range of the ids is a condition of the index in every plan; the list of ids alone is none where the statistics say that nothing waits. Without a name,
 * because the plan depends on how many there are.
 */
const RECORD = `
  update webhook.deliveries as d set status = r.status, attempts = d.attempts + 1, last_status = r.last_status, last_error = r.last_error,
    due_at = coalesce(r.due_at, d.due_at), finished_at = case when r.status <> 'PENDING' then $7::timestamptz end
  from unnest($2::bigint[], $3::text[], $4::smallint[], $5::text[], $6::timestamptz[]) as r(id, status, last_status, last_error, due_at)
  where d.endpoint_id = $1 and d.id = r.id and d.status = 'PENDING'
    and d.id between (select min(id) from unnest($2) as id) and (select max(id) from unnest($2) as id)`;

/** A pause that an administrator has ended meanwhile does not begin again. How the endpoint has responded is true in any case. */
const SET_HEALTH = `
  update webhook.endpoints set failures = $2, failing_since = $3, resume_at = case when wakes = $5 then $4 else resume_at end
  where id = $1`;

const FULL = `
  select e.id from webhook.endpoints as e
  where e.enabled and $1::bigint < (
    select count(*) from (
      select from webhook.deliveries as d where d.endpoint_id = e.id and d.status = 'PENDING' limit $1::bigint + 1) as w)
  for no key update skip locked`;

interface LeasedRow {
  readonly id: bigint;
  readonly lease: string;
  readonly url: string;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly resumeAt: Date | null;
  readonly wakes: number;
  readonly secret: Buffer;
  readonly previousSecret: Buffer | null;
}

const leasedOf = ({ secret, previousSecret, failures, failingSince, resumeAt, ...row }: LeasedRow): LeasedEndpoint => ({
  ...row,
  health: { failures, failingSince, resumeAt },
  secrets: previousSecret === null ? [secret] : [secret, previousSecret],
});

export interface DeliveryQueueDeps {
  readonly pool: pg.Pool;
  readonly nextId: IdSource;
  /** Called after each attempt to write events: the outcome of a commit may be unknown. */
  readonly onEvents: () => void;
}

/** Deliveries on PostgreSQL, sent by the process that has the lease of their endpoint. */
export function postgresDeliveryQueue({ pool, nextId, onEvents }: DeliveryQueueDeps): DeliveryQueue {
  return {
    async acquire(at, leaseUntil, except, limit) {
      const { rows } = await pool.query<LeasedRow>(ACQUIRE, [at, leaseUntil, except, limit]);
      return rows.map(leasedOf);
    },

    async renew({ id, lease }, at, leaseUntil) {
      const { rows } = await pool.query<LeasedRow>(RENEW, [at, leaseUntil, id, lease]);
      return rows[0] && leasedOf(rows[0]);
    },

    async release({ id, lease }) {
      await pool.query(RELEASE, [id, lease]);
    },

    async due(endpointId, at, { after, held, limit }) {
      const { rows } = await pool.query<WaitingDelivery>(DUE, [endpointId, at, after, held, limit]);
      return rows;
    },

    async probe(endpointId, at, held) {
      const { rows } = await pool.query<WaitingDelivery>(PROBE, [endpointId, at, held]);
      return rows;
    },

    async record({ id, lease, wakes }, { results, health, isRecovered, disabled }: Recorded, at) {
      const column = <Key extends keyof DeliveryResult>(key: Key) => results.map((each) => each[key]);
      const values = [
        id,
        column('id'),
        column('status'),
        column('lastStatus'),
        column('lastError'),
        column('dueAt'),
        at,
      ];
      return await inTransaction(pool, async (client) => {
        const { rowCount } = await client.query(HOLD, [id, lease]);
        if (rowCount !== 1) return false;
        // Before what failed in the same record is put off.
        if (isRecovered) await client.query(MAKE_DUE, [id, at]);
        await client.query(RECORD, values);
        if (health !== undefined)
          await client.query(SET_HEALTH, [id, health.failures, health.failingSince, health.resumeAt, wakes]);
        if (disabled !== undefined) await disableEndpoint(client, nextId, { id, reason: disabled, at });
        return true;
      }).finally(() => disabled !== undefined && onEvents());
    },

    async disableFull(max, at) {
      const found = await inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ id: bigint }>(FULL, [max]);
        for (const { id } of rows) await disableEndpoint(client, nextId, { id, reason: 'BACKLOG', at });
        return rows.map(({ id }) => id);
      });
      if (found.length > 0) onEvents();
      return found;
    },
  };
}
