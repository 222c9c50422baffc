import { setTimeout as sleep } from 'node:timers/promises';
import { openSession } from '../postgres/session.ts';
import { DEAD_LETTERS_MAX, type DeadLetter, type DeadLetterStore, type Replayed } from './dead-letter-store.ts';
import { isRelayed } from './relay-lock.ts';
import { REPLAY_CHANNEL } from './replay.ts';

/** A consumer that fails again needs 8.5 s for its five attempts. After this long without progress the wait ends. */
const WATCH_MS = 20_000;
const POLL_MS = 100;
const RESPONSE_TIMEOUT_MS = 30_000;

const LIST = `
  select consumer, event_id, topic, key, event::text as content, reason, failed_at
  from platform.dead_letters
  where ($1::text is null or event_id = $1) and ($2::text is null or topic = $2) and ($3::text is null or consumer = $3)
  order by failed_at, event_id limit ${DEAD_LETTERS_MAX}`;

const CHOSEN = 'from unnest($1::text[], $2::text[]) as chosen(consumer, event_id)';
const MARK = `
  update platform.dead_letters as l set replay_at = clock_timestamp() ${CHOSEN}
  where l.consumer = chosen.consumer and l.event_id = chosen.event_id`;
const LOOK = `
  select l.consumer, l.event_id, l.reason, l.replay_at is not null as marked
  ${CHOSEN} join platform.dead_letters as l using (consumer, event_id)`;

interface DeadLetterRow {
  readonly consumer: string;
  readonly event_id: string;
  readonly topic: string;
  readonly key: string;
  readonly content: string;
  readonly reason: string;
  readonly failed_at: Date;
}
interface RemainingRow {
  readonly consumer: string;
  readonly event_id: string;
  readonly reason: string;
  readonly marked: boolean;
}

/** The dead letters of in-process consumers, and events that did not match the catalogue. A running server replays them. */
export async function postgresDeadLetterStore(url: string, watchMs = WATCH_MS): Promise<DeadLetterStore> {
  const client = await openSession(url, { name: 'stampede-dlq', responseTimeoutMs: RESPONSE_TIMEOUT_MS });

  /** Waits until no dead letter is marked any more, or nothing has changed for `watchMs`. */
  async function watch(chosen: readonly [string[], string[]]): Promise<readonly RemainingRow[]> {
    let waiting = Number.POSITIVE_INFINITY;
    let changedAt = performance.now();
    for (;;) {
      const { rows } = await client.query<RemainingRow>(LOOK, [...chosen]);
      const marked = rows.filter((row) => row.marked).length;
      if (marked < waiting) changedAt = performance.now();
      waiting = marked;
      if (marked === 0 || performance.now() - changedAt > watchMs || !(await isRelayed(client))) return rows;
      await sleep(POLL_MS);
    }
  }

  return {
    async list({ id, topic, group }) {
      const { rows } = await client.query<DeadLetterRow>(LIST, [id ?? null, topic ?? null, group ?? null]);
      return rows.map(({ consumer, event_id, failed_at, ...rest }) => ({
        ...rest,
        id: event_id,
        group: consumer,
        failedAt: failed_at,
      }));
    },
    async replay(deadLetters) {
      if (deadLetters.length === 0) return [];
      const chosen = [deadLetters.map(({ group }) => group), deadLetters.map(({ id }) => id)] as const;
      await client.query(MARK, [...chosen]);
      await client.query(`notify ${REPLAY_CHANNEL}`);
      const left = await watch([...chosen]);
      return deadLetters.map((deadLetter) => outcomeOf(deadLetter, left));
    },
    close: () => client.end(),
  };
}

function outcomeOf(deadLetter: DeadLetter, left: readonly RemainingRow[]): Replayed {
  const row = left.find(({ consumer, event_id }) => consumer === deadLetter.group && event_id === deadLetter.id);
  if (row === undefined) return { deadLetter, kind: 'handled' };
  return row.marked ? { deadLetter, kind: 'marked' } : { deadLetter, kind: 'failed again', reason: row.reason };
}
