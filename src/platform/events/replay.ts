import type pg from 'pg';
import type { Logger } from 'pino';
import { Unavailable } from '../kernel/refusal.ts';
import type { Delivery, EventBus, EventEnvelope } from './bus.ts';
import type { EventCheck } from './check.ts';
import { RELAY } from './dead-letters.ts';

/** Notified when dead letters were marked for replay. */
export const REPLAY_CHANNEL = 'stampede_replay';

const DEAD_LETTERS_MAX = 256;

const MARKED = `
  select consumer, event_id, topic, key, event, replay_at::text
  from platform.dead_letters where replay_at is not null order by replay_at, event_id collate "C" limit $1`;

/** Compares the mark: a dead letter that failed again has lost its mark, and may have been marked again meanwhile. */
const REMOVE = `
  delete from platform.dead_letters where consumer = $1 and event_id = $2 and replay_at = $3::timestamptz`;
const UNMARK = `
  update platform.dead_letters set replay_at = null, failed_at = now(), reason = $4
  where consumer = $1 and event_id = $2 and replay_at = $3::timestamptz`;

interface MarkedRow {
  readonly consumer: string;
  readonly event_id: string;
  readonly topic: string;
  readonly key: string;
  readonly event: EventEnvelope;
  readonly replay_at: string;
}

export interface ReplayOptions {
  /** The leader's. */
  readonly client: Pick<pg.ClientBase, 'query'>;
  readonly bus: EventBus;
  readonly check: Pick<EventCheck, 'outgoing'>;
  readonly log: Logger;
}

/**
 * Delivers the marked dead letters to their consumers again, and removes those that were handled. One that fails again
 * stays, with the new reason and without the mark.
 */
export async function replayMarked(options: ReplayOptions): Promise<void> {
  const { client, log } = options;
  for (;;) {
    const { rows } = await client.query<MarkedRow>(MARKED, [DEAD_LETTERS_MAX]);
    for (const row of rows) {
      const { consumer, event_id: eventId, replay_at: mark } = row;
      const outcome = await deliverAgain(row, options);
      if (outcome === 'later') return;
      if (outcome === 'done') await client.query(REMOVE, [consumer, eventId, mark]);
      else await client.query(UNMARK, [consumer, eventId, mark, outcome.problem]);
      log.info({ group: consumer, eventId, outcome }, 'a dead letter was replayed');
    }
    if (rows.length < DEAD_LETTERS_MAX) return;
  }
}

/** `done`: it was handled, or is a dead letter again. */
async function deliverAgain(
  row: MarkedRow,
  { bus, check }: ReplayOptions,
): Promise<'done' | 'later' | { problem: string }> {
  const { topic, key, event, consumer } = row;
  const delivery: Delivery = { topic, key, event };
  const problem = check.outgoing(delivery);
  if (problem !== undefined && consumer === RELAY) return { problem };
  try {
    await bus.publish([delivery], consumer === RELAY ? undefined : consumer);
    return 'done';
  } catch (error) {
    return error instanceof Unavailable ? 'later' : { problem: String(error) };
  }
}
