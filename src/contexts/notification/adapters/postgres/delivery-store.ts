import type pg from 'pg';
import { INSERT_OUTBOX, insertOutboxFrom, type OutboxBatch, outboxValues } from '../../../../platform/events/outbox.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type {
  Choices,
  ClaimedMessage,
  DeliveryStore,
  NewDelivery,
  OutcomeEvents,
  PlannedNotice,
} from '../../application/deliver/ports.ts';
import {
  type Delivery,
  type DeliveryState,
  isRepeated,
  messagesOf,
  type Outward,
  PLANNED_WAITS,
} from '../../domain/delivery.ts';
import { KIND_NAMES, KINDS } from '../../domain/kinds.ts';
import { lockInboxes } from './inbox-locks.ts';

const NEXT_BATCH = `
  with batch as (select id, user_ids, numbers from notification.delivery_batches order by id limit 1)
  select b.id as "batchId", n.user_id as "userId", n.number, n.kind, n.subject, n.day, n.data
  from batch as b left join lateral (
    select n.* from unnest(b.user_ids, b.numbers) as w(user_id, number) join notification.notices as n using (user_id, number)
  ) as n on true order by n.user_id, n.number`;

/** Another process may have planned the batch; users may have deleted the account or the notice since. */
const FINISH_BATCH = `
  with mine as (delete from notification.delivery_batches where id = $1 returning id)
  insert into notification.deliveries (user_id, channel, kind, subject, day, number, digest, due_at, planned_at, state)
  select d.*, d.due_at, 'PENDING' from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::date[], $7::bigint[], $8::text[], $9::timestamptz[])
    as d(user_id, channel, kind, subject, day, number, digest, due_at)
    join notification.inboxes as i using (user_id) join notification.notices as n using (user_id, number)
  where exists (select from mine) and i.deleted_at is null
  on conflict do nothing`;

/** A process that died handed these over. */
const RECOVER = `
  update notification.deliveries as d set
    state = case when d.kind = any($3::text[]) then 'PENDING' else 'UNKNOWN' end,
    finished_at = case when d.kind = any($3::text[]) then null else $2::timestamptz end,
    reason = 'PROCESS_ENDED'
  where d.channel = $1 and d.state = 'SENDING' and d.due_at <= $2
  returning d.user_id as "userId", d.kind, d.channel, d.state,
    (select n.id from notification.notices as n where n.user_id = d.user_id and n.number = d.number) as "noticeId"`;

/**
 * The lock of a user: a deletion of the user holds it, and a digest is taken as a whole. It waits for none, so the order does not matter. The limit
 * counts rows that it got: those of others keep nobody waiting.
 */
const LOCK_DUE = `
  select i.user_id from notification.deliveries as d join notification.inboxes as i using (user_id)
  where d.channel = $1 and d.state = 'PENDING' and d.due_at <= $2 and i.deleted_at is null
  order by d.due_at limit $3 for no key update of i skip locked`;

const CLAIM = `
  with taken as (
    update notification.deliveries as d set due_at = $3
    where d.channel = $1 and d.state = 'PENDING' and d.user_id = any($4::bigint[]) and (
      d.due_at <= $2 or d.digest <> '' and exists (
        select from notification.deliveries as o where o.user_id = d.user_id and o.channel = d.channel and o.digest = d.digest
          and o.state = 'PENDING' and o.due_at <= $2))
    returning d.id, d.user_id, d.channel, d.kind, d.subject, d.day, d.number, d.attempt, d.reason
  )
  select t.id, t.user_id as "userId", t.channel, n.id as "noticeId", t.kind, t.subject, t.day::text, t.attempt, t.reason, n.data
  from taken as t left join notification.notices as n using (user_id, number)`;

/** UNKNOWN may have arrived, and SENDING may arrive, so they count. What is marketing is what classOf says. */
const RECEIVED = `
  select d.user_id as "userId", count(distinct d.message_id)::int as "lastWeek",
    count(distinct d.message_id) filter (where coalesce(d.finished_at, $2) > $2::timestamptz - interval '1 day')::int as "lastDay"
  from notification.deliveries as d left join notification.notices as n using (user_id, number)
  where d.user_id = any($1::bigint[]) and d.channel = $3 and d.kind = any($4::text[])
    and n.data ->> 'noticeClass' is distinct from 'TRANSACTIONAL' and d.state in ('SENT', 'UNKNOWN', 'SENDING')
    and coalesce(d.finished_at, $2) > $2::timestamptz - interval '7 days'
  group by d.user_id`;
const MARKETING_KINDS = KIND_NAMES.filter((kind) => KINDS[kind].noticeClass === 'MARKETING');

/** A process that was suspended finds its lease over, even if no other one has taken the message: what it knows of the user is old. */
const BEGIN = `
  with mine as (
    select id from notification.deliveries
    where id = any($1::bigint[]) and state = 'PENDING' and due_at = $2 and due_at > $5 for update
  )
  update notification.deliveries set state = 'SENDING', attempt = attempt + 1, message_id = $3, due_at = $4
  where id in (select id from mine) and (select count(*) from mine) = cardinality($1::bigint[])`;

/** A claim or a handing over is known by its state and the end of its lease: a later one ends later. */
const END = `
  update notification.deliveries set state = $2, reason = $3, due_at = coalesce($4::timestamptz, due_at),
    planned_at = case when $3 in (${PLANNED_WAITS.map((reason) => `'${reason}'`).join(', ')}) then $4 else planned_at end,
    finished_at = case when $2 = 'PENDING' then null else $5::timestamptz end
  where id = any($1::bigint[]) and state = $6 and due_at = $7`;

/** With the events of it, unless another process has ended it, or the user is gone. */
const END_WITH_EVENTS = `
  with ended as (${END} returning id) ${insertOutboxFrom('(select from ended limit 1) as one', 8)}`;

const CHOICES = `
  select u.user_id as "userId", s.language, s.timezone, s.quiet_from as "quietFrom", s.quiet_until as "quietUntil",
    (select json_agg(json_build_array(p.kind || ' ' || p.channel, p.enabled)) from notification.preferences as p
      where p.user_id = u.user_id) as chosen
  from unnest($1::bigint[]) as u(user_id) left join notification.settings as s using (user_id)`;

const DELETE_FINISHED = `
  delete from notification.deliveries where id in (
    select id from notification.deliveries where finished_at < $1 order by finished_at limit $2 for update skip locked)`;

interface ClaimedRow extends Omit<Delivery, 'data'> {
  /** Null: the notice is gone. */
  readonly data: Delivery['data'] | null;
}

interface RecoveredRow extends Pick<Delivery, 'userId' | 'kind' | 'channel'> {
  readonly state: DeliveryState;
  /** Null: the notice is gone. */
  readonly noticeId: bigint | null;
}

export interface DeliveryStoreDeps {
  readonly pool: pg.Pool;
  readonly nextId: IdSource;
  readonly eventsOf: OutcomeEvents;
  /** Called after each attempt to write events: the outcome of a commit may be unknown. */
  readonly onEvents: () => void;
}

/** Deliveries on PostgreSQL. Every time is the caller's. */
export function postgresDeliveryStore({ pool, nextId, eventsOf, onEvents }: DeliveryStoreDeps): DeliveryStore {
  /** Ends what a process that died was handing over, or lets it be handed over again. */
  async function recover(client: pg.ClientBase, channel: Outward, at: Date): Promise<OutboxBatch[]> {
    const repeated = KIND_NAMES.filter((kind) => isRepeated(channel, kind));
    const { rows } = await client.query<RecoveredRow>(RECOVER, [channel, at, repeated]);
    const unknown = rows.flatMap(({ state, noticeId, ...row }) =>
      state === 'UNKNOWN' && noticeId !== null ? { ...row, noticeId } : [],
    );
    return eventsOf(unknown, { state: 'UNKNOWN', reason: 'PROCESS_ENDED' });
  }

  return {
    async nextBatch() {
      const { rows } = await pool.query<
        { batchId: bigint } & { [Key in keyof PlannedNotice]: PlannedNotice[Key] | null }
      >(NEXT_BATCH);
      const id = rows[0]?.batchId;
      if (id === undefined) return undefined;
      // A notice that the user has deleted meanwhile leaves a row without one.
      return { id, notices: rows.filter(({ userId }) => userId !== null) as unknown as readonly PlannedNotice[] };
    },

    async finishBatch(id, deliveries) {
      const column = <Key extends keyof NewDelivery>(key: Key) => deliveries.map((each) => each[key]);
      await inTransaction(pool, async (client) => {
        if (deliveries.length > 0) await lockInboxes(client, column('userId'));
        await client.query(FINISH_BATCH, [
          id,
          ...[column('userId'), column('channel'), column('kind'), column('subject'), column('day'), column('number')],
          ...[column('digest'), column('dueAt')],
        ]);
      });
    },

    claim(channel, at, leaseUntil, limit) {
      let hasEvents = false;
      return inTransaction(pool, async (client) => {
        const events = await recover(client, channel, at);
        hasEvents = events.length > 0;
        if (hasEvents) await client.query(INSERT_OUTBOX, outboxValues(nextId(), events));
        const { rows: users } = await client.query<{ user_id: bigint }>(LOCK_DUE, [channel, at, limit]);
        if (users.length === 0) return [];
        const userIds = [...new Set(users.map(({ user_id }) => user_id))];
        const { rows } = await client.query<ClaimedRow>(CLAIM, [channel, at, leaseUntil, userIds]);
        const gone = rows.filter(({ data }) => data === null).map(({ id }) => id);
        if (gone.length > 0) await client.query(END, [gone, 'DROPPED', 'NOTICE_GONE', null, at, 'PENDING', leaseUntil]);
        const { rows: counts } = await client.query<{ userId: bigint; lastDay: number; lastWeek: number }>(RECEIVED, [
          ...[userIds, at, channel, MARKETING_KINDS],
        ]);
        const receivedOf = new Map(counts.map(({ userId, ...received }) => [userId, received]));
        const byUser = Map.groupBy(
          rows.flatMap(({ data, ...row }) => (data === null ? [] : { ...row, data })),
          ({ userId }) => userId,
        );
        return [...byUser].flatMap(([userId, deliveries]) =>
          messagesOf(channel, userId, deliveries).map(
            (message): ClaimedMessage => ({
              ...message,
              state: 'PENDING',
              leaseUntil,
              received: receivedOf.get(userId) ?? { lastDay: 0, lastWeek: 0 },
            }),
          ),
        );
      }).finally(() => hasEvents && onEvents());
    },

    async begin({ deliveries, leaseUntil }, messageId, at, until) {
      const ids = deliveries.map(({ id }) => id);
      const { rowCount } = await pool.query(BEGIN, [ids, leaseUntil, messageId, until, at]);
      return rowCount === 0 ? undefined : { deliveries, state: 'SENDING', leaseUntil: until };
    },

    async end({ deliveries, state, leaseUntil }, outcome, at) {
      const ids = deliveries.map(({ id }) => id);
      const dueAt = outcome.state === 'PENDING' ? outcome.dueAt : null;
      const values = [ids, outcome.state, 'reason' in outcome ? outcome.reason : null, dueAt, at, state, leaseUntil];
      const events = eventsOf(deliveries, outcome);
      if (events.length === 0) await pool.query(END, values);
      else await pool.query(END_WITH_EVENTS, [...values, ...outboxValues(nextId(), events)]).finally(onEvents);
    },

    async choicesOf(userIds) {
      const { rows } = await pool.query<ChoicesRow>(CHOICES, [userIds]);
      return new Map(rows.map((row) => [row.userId, choicesIn(row)]));
    },

    async withPush(userIds) {
      const { rows } = await pool.query<{ user_id: bigint }>(
        'select distinct user_id from notification.push_subscriptions where user_id = any($1::bigint[])',
        [userIds],
      );
      return new Set(rows.map(({ user_id }) => user_id));
    },

    deleteFinished: async (before, limit) => (await pool.query(DELETE_FINISHED, [before, limit])).rowCount ?? 0,
  };
}

interface ChoicesRow extends Pick<Choices, 'language' | 'timezone'> {
  readonly userId: bigint;
  readonly quietFrom: string | null;
  readonly quietUntil: string | null;
  readonly chosen: readonly [string, boolean][] | null;
}

const choicesIn = ({ language, timezone, quietFrom: from, quietUntil: until, chosen }: ChoicesRow): Choices => ({
  language,
  timezone,
  quietHours: from === null || until === null ? null : { from, until },
  enabled: new Map(chosen ?? []),
});
