import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { insertAudit } from '../../../../platform/audit/insert-audit.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type {
  DeliveryQueue,
  DeliveryResult,
  LeasedEndpoint,
  Recorded,
  WaitingDelivery,
} from '../../application/deliver/ports.ts';
import type { DisabledReason } from '../../domain/endpoint.ts';
import { MAKE_DUE } from './make-due.ts';

/** Columns of a leased endpoint `e` at the time $1. */
const LEASED = `
  e.id, e.lease, e.url, e.failures, e.failing_since as "failingSince", e.resume_at as "resumeAt", e.secret,
  case when e.previous_secret_until > $1 then e.previous_secret end as "previousSecret"`;

/** What others have locked is skipped. Each endpoint gets a lease of its own. */
const ACQUIRE = `
  with due as (
    select e.id from webhook.endpoints as e
    where e.enabled and (e.lease_until is null or e.lease_until <= $1) and (e.resume_at is null or e.resume_at <= $1)
      and e.id <> all($3::bigint[])
      and exists (select from webhook.deliveries as d where d.endpoint_id = e.id and d.status = 'PENDING' and d.due_at <= $1)
    order by e.lease_until nulls first limit $4 for no key update skip locked
  )
  update webhook.endpoints as e set lease = gen_random_uuid(), lease_until = $2 from due where e.id = due.id
  returning ${LEASED}`;

const RENEW = `
  update webhook.endpoints as e set lease_until = $2 where e.id = $3 and e.lease = $4 and e.enabled and e.lease_until > $1
  returning ${LEASED}`;

const RELEASE = 'update webhook.endpoints set lease = null, lease_until = null where id = $1 and lease = $2';

/**
 * $2: now, $3: after which id, $4: those that are held. A delivery waits for an earlier one of its subject that is put off, or that an earlier page did not
 * have because it was put off then.
 */
const DUE = `
  select d.id, d.event_id as "eventId", d.subject, d.body, d.attempts
  from webhook.deliveries as d
  where d.endpoint_id = $1 and d.status = 'PENDING' and d.due_at <= $2 and d.id > $3 and d.id <> all($4::bigint[])
    and not exists (
      select from webhook.deliveries as o
      where o.endpoint_id = $1 and o.subject = d.subject and o.status = 'PENDING' and o.id < d.id and o.id <> all($4::bigint[])
        and (o.due_at > $2 or o.id <= $3))
  order by d.id limit $5`;

/** The lock of the endpoint. A process that has lost the lease, or whose endpoint was changed meanwhile, records nothing. */
const HOLD = 'select id from webhook.endpoints where id = $1 and lease = $2 for no key update';

const RECORD = `
  update webhook.deliveries as d set status = r.status, attempts = d.attempts + 1, last_status = r.last_status, last_error = r.last_error,
    due_at = coalesce(r.due_at, d.due_at), finished_at = case when r.status <> 'PENDING' then $7::timestamptz end
  from unnest($2::bigint[], $3::text[], $4::smallint[], $5::text[], $6::timestamptz[]) as r(id, status, last_status, last_error, due_at)
  where d.endpoint_id = $1 and d.id = r.id and d.status = 'PENDING'`;

const SET_HEALTH = 'update webhook.endpoints set failures = $2, failing_since = $3, resume_at = $4 where id = $1';

const DISABLE = `
  update webhook.endpoints set enabled = false, disabled_reason = $2, disabled_at = $3, lease = null, lease_until = null, updated_at = $3
  where id = $1 and enabled`;

const TO_DISABLE = `
  select e.id, case when e.failing_since <= $2 then 'FAILING' else 'BACKLOG' end as reason from webhook.endpoints as e
  where e.enabled and (e.failing_since <= $2 or $1::bigint < (
    select count(*) from (
      select from webhook.deliveries as d where d.endpoint_id = e.id and d.status = 'PENDING' limit $1::bigint + 1) as w))
  for no key update skip locked`;

interface LeasedRow {
  readonly id: bigint;
  readonly lease: string;
  readonly url: string;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly resumeAt: Date | null;
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
  /** With its line in the audit log: who changed it is this system. */
  async function disable(client: pg.ClientBase, id: bigint, reason: DisabledReason, at: Date): Promise<void> {
    const { rowCount } = await client.query(DISABLE, [id, reason, at]);
    if (rowCount === 0) return;
    const entry = { id: nextId(), actor: 'service:0', role: 'SERVICE', operation: 'disableWebhook', fields: [reason] };
    for (const { name, text, values } of insertAudit([{ ...entry, requestId: randomUUID(), subject: String(id) }]))
      await client.query({ name, text, values: [...values] });
  }

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

    async record({ id, lease }, { results, health, isRecovered, disabled }: Recorded, at) {
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
        await client.query({ name: 'webhook-record', text: RECORD, values });
        if (health !== undefined)
          await client.query(SET_HEALTH, [id, health.failures, health.failingSince, health.resumeAt]);
        if (isRecovered) await client.query(MAKE_DUE, [id, at]);
        if (disabled !== undefined) await disable(client, id, disabled, at);
        return true;
      }).finally(() => disabled !== undefined && onEvents());
    },

    async disableFailing(max, failingSince, at) {
      const found = await inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ id: bigint; reason: DisabledReason }>(TO_DISABLE, [max, failingSince]);
        for (const { id, reason } of rows) await disable(client, id, reason, at);
        return rows;
      });
      if (found.length > 0) onEvents();
      return found;
    },
  };
}
