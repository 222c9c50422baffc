import type pg from 'pg';
import { EXTERNAL_ID_FIELD } from '../../../../platform/kernel/external-id-fields.ts';
import { PERSONAL_TOPIC, USER_DELETED } from '../../domain/topics.ts';

const FIELDS = Object.values(EXTERNAL_ID_FIELD);

/** Deliveries `d` of users `f` who have deleted their accounts, of all of them or of those in $1. */
const OF_FORGOTTEN = `from webhook.forgotten_users as f where ($1::text[] is null or f.subject = any($1))`;

/** What waits is not sent any more, and what is finished keeps its outcome alone. */
const ERASE_BODIES = `
  update webhook.deliveries as d set body = null, identified_user = null,
    status = case d.status when 'PENDING' then 'DROPPED' else d.status end, finished_at = coalesce(d.finished_at, f.deleted_at)
  ${OF_FORGOTTEN} and d.subject = f.subject and d.topic = '${PERSONAL_TOPIC}' and d.body is not null`;

/**
 * The body without the external id. The pattern fits no part of a text of the body: quotation marks are escaped there. Other members stay as they are, in
 * their order.
 * @param body an expression of SQL
 */
export const withoutExternalId = (body: string): string =>
  String.raw`regexp_replace(${body}, ',"(${FIELDS.join('|')})":"([^"\\]|\\.)*"', '')`;

/** That of the deletion itself has the external id until it is finished: a receiver that knows the user by it has to delete, too. */
const ERASE_EXTERNAL_IDS = `
  update webhook.deliveries as d set body = ${withoutExternalId('d.body')}, identified_user = null
  ${OF_FORGOTTEN} and d.identified_user = f.subject and (d.topic <> '${USER_DELETED}' or d.status <> 'PENDING')`;

/**
 * Erases what is stored of users who have deleted their accounts. Returns the number of deliveries.
 * @param subjects of these users only. Undefined: of all
 */
export async function eraseForgotten(
  client: Pick<pg.ClientBase, 'query'>,
  subjects?: readonly string[],
): Promise<number> {
  let erased = 0;
  for (const text of [ERASE_BODIES, ERASE_EXTERNAL_IDS])
    erased += (await client.query(text, [subjects ?? null])).rowCount ?? 0;
  return erased;
}
