import type pg from 'pg';
import type { Delivery } from './bus.ts';

/** Where an event goes that a consumer could not handle: kept with the reason, so that it can be shown and replayed. */
export interface DeadLetters {
  /** Durable when it resolves. Putting the same event of the same group twice keeps one. */
  put(group: string, delivery: Delivery, reason: string): Promise<void>;
}

/** In place of a consumer: events of ours that were not as the catalogue says, so that nobody got them. */
export const RELAY = 'relay';

const REASON_MAX_CHARS = 1_000;

const PUT = `
  insert into platform.dead_letters (consumer, event_id, topic, key, event, reason)
  values ($1, $2, $3, $4, $5::jsonb, $6)
  on conflict (consumer, event_id) do update set reason = excluded.reason, failed_at = now(), replay_at = null`;

export function postgresDeadLetters(pool: Pick<pg.Pool, 'query'>): DeadLetters {
  return {
    async put(group, delivery, reason) {
      const { topic, key, event } = delivery;
      const shortened = reason.slice(0, REASON_MAX_CHARS);
      await pool.query(PUT, [group, event.eventId, topic, key, JSON.stringify(event), shortened]);
    },
  };
}
