import type pg from 'pg';
import { INSERT_OUTBOX, type OutboxBatchOf, outboxValues } from '../../../../platform/events/outbox.ts';
import type { DataByTopic } from '../../../../platform/events/topic.ts';
import type { IDENTITY_EVENTS } from '../../events.ts';

type Data = DataByTopic<typeof IDENTITY_EVENTS>;
/** The topics whose events are about one user. */
type UserTopic = { [Topic in keyof Data]: Data[Topic] extends { readonly userId: string } ? Topic : never }[keyof Data];

/** Writes one event to the outbox, in the transaction of `client`. Notify the relay after the commit. */
export async function publish<Topic extends UserTopic>(
  client: pg.PoolClient,
  outboxId: bigint,
  topic: Topic,
  data: Data[Topic],
): Promise<void> {
  const batch: OutboxBatchOf<Data, Topic, readonly []> = {
    topic,
    source: 'identity',
    keyField: 'userId',
    common: data,
    columns: [],
    rows: [[]],
  };
  await client.query(INSERT_OUTBOX, outboxValues(outboxId, [batch]));
}
