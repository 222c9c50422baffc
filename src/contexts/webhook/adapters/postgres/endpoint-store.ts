import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { CountedEndpoint, EndpointStore } from '../../application/ports.ts';
import { COUNTED_COLUMNS, type CountedRow, countedOf } from './endpoint-rows.ts';
import { MAKE_DUE } from './make-due.ts';

/** Endpoints are added one after the other, so that their number has a bound. */
const LOCK_NUMBER = `select pg_advisory_xact_lock(hashtext('webhook.endpoints'))`;
const COUNT = 'select count(*)::int as count from webhook.endpoints';
const ADD = `
  insert into webhook.endpoints as e (id, url, topics, description, enabled, disabled_reason, disabled_at, secret, created_at, updated_at)
  values ($1, $2, $3, $4, $5, case when not $5 then 'ADMIN' end, case when not $5 then $7::timestamptz end, $6, $7, $7)
  returning ${COUNTED_COLUMNS}`;

/**
 * The process that sends by the earlier state loses its lease when the URL or the state changes: then its failures are of the past, too. An endpoint that is
 * disabled already keeps its reason.
 */
const CHANGE = `
  with old as (select * from webhook.endpoints where id = $1 for no key update), decided as (
    select coalesce($2::text, o.url) as url, coalesce($5::boolean, o.enabled) as enabled,
      coalesce($2::text, o.url) <> o.url or coalesce($5::boolean, o.enabled) <> o.enabled as is_anew
    from old as o
  )
  update webhook.endpoints as e set
    url = d.url, topics = coalesce($3::text[], e.topics), description = coalesce($4::text, e.description), enabled = d.enabled,
    disabled_reason = case when d.enabled then null else coalesce(e.disabled_reason, 'ADMIN') end,
    disabled_at = case when d.enabled then null else coalesce(e.disabled_at, $6::timestamptz) end,
    failures = case when d.is_anew then 0 else e.failures end,
    failing_since = case when d.is_anew then null else e.failing_since end,
    resume_at = case when d.is_anew then null else e.resume_at end,
    lease = case when d.is_anew then null else e.lease end,
    lease_until = case when d.is_anew then null else e.lease_until end,
    updated_at = $6
  from decided as d where e.id = $1
  returning ${COUNTED_COLUMNS}`;

const ROTATE = `
  update webhook.endpoints as e set previous_secret = e.secret, previous_secret_until = $3, secret = $2, updated_at = $4
  where e.id = $1 returning ${COUNTED_COLUMNS}`;

const SECRETS = 'select id, secret, previous_secret as "previousSecret" from webhook.endpoints';
const LOCK_SECRETS = `${SECRETS} where id = $1 for no key update`;
const SET_SECRETS = 'update webhook.endpoints set secret = $2, previous_secret = $3 where id = $1';

interface SecretsRow {
  readonly id: bigint;
  readonly secret: Buffer;
  readonly previousSecret: Buffer | null;
}

const LIST = `
  select ${COUNTED_COLUMNS} from webhook.endpoints as e where $1::bigint is null or e.id < $1 order by e.id desc limit $2`;

const one = ({ rows: [row] }: pg.QueryResult<CountedRow>): CountedEndpoint | undefined => row && countedOf(row);

export const postgresEndpointStore = (pool: pg.Pool): EndpointStore => ({
  add: ({ id, url, topics, description, enabled, secret }, max, at, idempotency) =>
    transactOnce<CountedEndpoint | 'LIMIT_REACHED'>(pool, idempotency, async (client) => {
      await client.query(LOCK_NUMBER);
      const { rows } = await client.query<{ count: number }>(COUNT);
      if ((rows[0]?.count ?? 0) >= max) return 'LIMIT_REACHED';
      const added = one(await client.query(ADD, [id, url, topics, description, enabled, secret, at]));
      if (added === undefined) throw new Error('an endpoint was inserted without being returned');
      return added;
    }),

  change: (id, { url, topics, description, enabled }, at, idempotency) =>
    transactOnce<CountedEndpoint | undefined>(pool, idempotency, async (client) => {
      const values = [id, url ?? null, topics ?? null, description ?? null, enabled ?? null, at];
      const changed = one(await client.query(CHANGE, values));
      if (changed !== undefined && (url !== undefined || enabled === true)) await client.query(MAKE_DUE, [id, at]);
      return changed;
    }),

  rotate: (id, secret, previousUntil, at, idempotency) =>
    transactOnce<CountedEndpoint | undefined>(pool, idempotency, async (client) =>
      one(await client.query(ROTATE, [id, secret, previousUntil, at])),
    ),

  async replaceSecrets(replace) {
    const replacedOf = ({ id, secret, previousSecret: previous }: SecretsRow) => ({
      secret: replace(secret, id),
      previous: previous === null ? undefined : replace(previous, id),
    });
    const isChanged = ({ secret, previous }: ReturnType<typeof replacedOf>) =>
      secret !== undefined || previous !== undefined;
    const { rows } = await pool.query<SecretsRow>(`${SECRETS} order by id`);
    let changed = 0;
    // Without locks first: mostly there is nothing to replace, and senders need these rows.
    for (const { id } of rows.filter((row) => isChanged(replacedOf(row)))) {
      await inTransaction(pool, async (client) => {
        const [row] = (await client.query<SecretsRow>(LOCK_SECRETS, [id])).rows;
        if (row === undefined) return;
        const replaced = replacedOf(row);
        if (!isChanged(replaced)) return;
        const { secret = row.secret, previous = row.previousSecret } = replaced;
        await client.query(SET_SECRETS, [id, secret, previous]);
        changed += 1;
      });
    }
    return changed;
  },

  delete: (id, idempotency) =>
    transactOnce(pool, idempotency, async (client) => {
      const { rowCount } = await client.query('delete from webhook.endpoints where id = $1', [id]);
      return rowCount === 1;
    }),

  find: async (id) =>
    one(await pool.query(`select ${COUNTED_COLUMNS} from webhook.endpoints as e where e.id = $1`, [id])),

  async list({ before, limit }) {
    const { rows } = await pool.query<CountedRow>(LIST, [before ?? null, limit]);
    return rows.map(countedOf);
  },
});
