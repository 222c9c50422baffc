import type pg from 'pg';
import { handleOnce } from '../../../../platform/postgres/inbox.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import { CONSUMER, type DeliveryIntake, type OfferedEvent } from '../../application/ports.ts';
import { EVERY_TOPIC } from '../../domain/endpoint.ts';
import { PERSONAL_TOPIC, USER_DELETED } from '../../domain/topics.ts';
import { eraseForgotten, withoutExternalId } from './erase-forgotten.ts';

const WANTED = `select distinct topic from webhook.endpoints as e, unnest(e.topics) as topic where e.enabled`;

/** In the order of the events, so that the ids rise with it. */
const ADD = `
  insert into webhook.deliveries (endpoint_id, event_id, topic, subject, body, identified_user, status, due_at, created_at)
  select e.id, o.event_id, o.topic, o.subject, case when g.is_forgotten then ${withoutExternalId('o.body')} else o.body end,
    case when not g.is_forgotten then o.identified_user end, 'PENDING', $6, $6
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
      with ordinality as o(event_id, topic, subject, body, identified_user, place)
    cross join lateral (
      select o.topic <> '${USER_DELETED}' and exists (select from webhook.forgotten_users as f where f.subject = o.identified_user) as is_forgotten
    ) as g
    join webhook.endpoints as e on e.enabled and e.topics && array[o.topic, '${EVERY_TOPIC}']
  where not (o.topic = '${PERSONAL_TOPIC}' and exists (select from webhook.forgotten_users as f where f.subject = o.subject))
  order by o.place, e.id
  on conflict do nothing`;

const REMEMBER = `
  insert into webhook.forgotten_users (subject, deleted_at) select distinct subject, $2::timestamptz from unnest($1::text[]) as s(subject)
  order by subject on conflict do nothing`;

export const postgresDeliveryIntake = (pool: pg.Pool): DeliveryIntake => ({
  async wantedTopics() {
    const { rows } = await pool.query<{ topic: string }>({ name: 'webhook-wanted', text: WANTED });
    return new Set(rows.map(({ topic }) => topic));
  },

  addOnce: (events, offer, deletedUsers, at) =>
    inTransaction(pool, async (client) => {
      const fresh = await handleOnce(client, CONSUMER, events);
      const gone = deletedUsers(fresh);
      if (gone.length > 0) {
        await client.query(REMEMBER, [gone, at]);
        await eraseForgotten(client, gone);
      }
      const offered = offer(fresh);
      if (offered.length === 0) return;
      const column = <Key extends keyof OfferedEvent>(key: Key) => offered.map((each) => each[key]);
      const columns = [column('eventId'), column('topic'), column('subject'), column('body'), column('identifiedUser')];
      await client.query(ADD, [...columns, at]);
    }),
});
