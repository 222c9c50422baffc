import type pg from 'pg';
import type { Delivery } from './bus.ts';

/** Stores the events that a consumer could not handle, each with the reason, so that they can be listed and replayed. */
export interface DeadLetters {
  /** Durable when it resolves. A second call with the same event and group replaces the first. */
  put(group: string, delivery: Delivery, reason: string): Promise<void>;
}

/** The consumer name of events that this system wrote but that do not match the catalogue, so that no consumer got them. */
export const RELAY = 'relay';

/** A longer reason is cut. */
export const REASON_CHARS_MAX = 1_000;

const PUT = `
  insert into platform.dead_letters (consumer, event_id, topic, key, event, reason)
  values ($1, $2, $3, $4, $5::jsonb, $6)
  on conflict (consumer, event_id) do update set reason = excluded.reason, failed_at = now(), replay_at = null`;

export function postgresDeadLetters(pool: Pick<pg.Pool, 'query'>): DeadLetters {
  return {
    async put(group, delivery, reason) {
      const { topic, key, event } = delivery;
      const shortened = reason.slice(0, REASON_CHARS_MAX);
      await pool.query(PUT, [group, event.eventId, topic, key, JSON.stringify(event), shortened]);
    },
  };
}
