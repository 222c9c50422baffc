import type { Logger } from 'pino';
import {
  DEAD_LETTERS_MAX,
  type DeadLetter,
  type DeadLetterStore,
  matches,
  type Replayed,
} from '../dead-letter-store.ts';
import { kafkaPublisher, type OutgoingMessage } from './publisher.ts';
import { readTopics } from './reader.ts';
import { CUT_HEADER, type FetchedRecord, REPLAY_GROUP } from './records.ts';
import type { KafkaSettings } from './settings.ts';
import { DEAD_LETTER_SUFFIX } from './topic-names.ts';
import { kafkaTopics } from './topics.ts';

/** The header of a marker message on a `.DLQ` topic: the dead letter at this offset was replayed. Kafka cannot delete single messages. */
const REPLAYED = 'x-replayed-offset';

/** The headers that deadLetterMessage in records.ts adds. */
const ADDED = /^x-(reason|group|failed-at|cut-from-(bytes|sha256)|original-(topic|partition|offset))$/;

interface KafkaDeadLetter extends DeadLetter {
  /** The record on the `.DLQ` topic. */
  readonly found: FetchedRecord;
}

/**
 * The dead letters on `<topic>.DLQ`. Replaying puts a message back on its topic with a header that names
 * the group that gave it up: the others skip it, however long ago they handled it and forgot the id.
 */
export function kafkaDeadLetters(settings: KafkaSettings, log: Logger, known?: ReadonlySet<string>): DeadLetterStore {
  // Letters go back to topics that exist, so none is created here.
  const topics = kafkaTopics(settings, { owns: () => false });
  const publisher = kafkaPublisher(settings, topics, log);
  let seen = new Map<DeadLetter, KafkaDeadLetter>();

  return {
    async list(filter) {
      const { letters } = await lettersOnKafka(settings, log, known);
      const chosen = letters
        .filter((deadLetter) => matches(filter, deadLetter))
        .sort((a, b) => a.failedAt.getTime() - b.failedAt.getTime())
        .slice(0, DEAD_LETTERS_MAX);
      seen = new Map(chosen.map((deadLetter) => [deadLetter, deadLetter]));
      return chosen;
    },
    async replay(deadLetters) {
      const done: Replayed[] = [];
      for (const deadLetter of deadLetters) {
        const found = seen.get(deadLetter)?.found;
        if (found === undefined) continue;
        const reason = reasonNotToReplay(found);
        if (reason !== undefined) {
          done.push({ deadLetter, kind: 'failed again', reason });
          continue;
        }
        // In this order: a crash between the two replays the dead letter once more, and loses nothing.
        await publisher.publish([replayOf(found, settings.prefix + deadLetter.topic, deadLetter.group)]);
        await publisher.publish([takenAway(found)]);
        done.push({ deadLetter, kind: 'published' });
      }
      return done;
    },
    close: () => publisher.stop(),
  };
}

/**
 * Reads the dead letters that were not replayed, all of them, and the names on the cluster of the `.DLQ` topics that this user sees.
 * Rejects with Kafka's error.
 * @param known the topics of this system, without the prefix: another system on the cluster may have a prefix that begins with ours, as every
 *   one does when ours is empty. Absent: those of every `.DLQ` topic with the prefix
 */
export async function lettersOnKafka(
  settings: KafkaSettings,
  log: Logger,
  known?: ReadonlySet<string>,
): Promise<{ readonly topics: readonly string[]; readonly letters: readonly KafkaDeadLetter[] }> {
  const isKnown = (name: string): boolean =>
    known?.has(name.slice(settings.prefix.length, -DEAD_LETTER_SUFFIX.length)) ?? true;
  const topics = (await kafkaTopics(settings, { owns: () => false }).list()).filter(
    (name) => name.startsWith(settings.prefix) && name.endsWith(DEAD_LETTER_SUFFIX) && isKnown(name),
  );
  const { signal } = new AbortController();
  const letters = new Map<string, KafkaDeadLetter>();
  for await (const records of readTopics({ settings, topics, from: 'earliest', log, signal })) {
    for (const found of records) {
      const replayed = headerOf(found, REPLAYED);
      if (replayed === undefined)
        letters.set(`${found.place.topic}/${found.place.offset}`, deadLetterOf(found, settings));
      else letters.delete(`${found.place.topic}/${replayed}`);
    }
  }
  return { topics, letters: [...letters.values()] };
}

function deadLetterOf(found: FetchedRecord, { prefix }: KafkaSettings): KafkaDeadLetter {
  const { record } = found;
  // Not as a header says: a producer of this topic could make an operator replay it to any other topic.
  const origin = originOf(found);
  const stood = [origin, headerOf(found, 'x-original-partition'), headerOf(found, 'x-original-offset')].join('/');
  const content = record.value?.toString() ?? '';
  return {
    id: eventIdIn(content) ?? stood,
    group: headerOf(found, 'x-group') ?? '',
    topic: origin.slice(prefix.length),
    key: record.key?.toString() ?? '',
    content,
    reason: headerOf(found, 'x-reason') ?? found.refused ?? '',
    failedAt: new Date(headerOf(found, 'x-failed-at') ?? 0),
    found,
  };
}

const originOf = ({ place }: FetchedRecord): string => place.topic.slice(0, -DEAD_LETTER_SUFFIX.length);

/** Returns why a letter is not put back on its topic, or undefined. */
function reasonNotToReplay(found: FetchedRecord): string | undefined {
  const origin = originOf(found);
  const named = headerOf(found, 'x-original-topic');
  if (named !== undefined && named !== origin) {
    return `it says that it comes from ${named}, but letters of that topic are on ${named}${DEAD_LETTER_SUFFIX}. Find out who wrote it.`;
  }
  const at = `${origin}, partition ${headerOf(found, 'x-original-partition')}, offset ${headerOf(found, 'x-original-offset')}`;
  if (headerOf(found, CUT_HEADER) !== undefined) {
    return `it was cut, because it was too large. The whole message is on ${at}, for as long as that topic keeps it. Publish it again in a smaller form.`;
  }
  if (found.record.value === null) return `it has no content. Look for the message on ${at}.`;
  return undefined;
}

function eventIdIn(content: string): string | undefined {
  try {
    const { eventId } = JSON.parse(content) as { eventId?: unknown };
    return typeof eventId === 'string' && eventId !== '' ? eventId : undefined;
  } catch {
    return undefined;
  }
}

function headerOf({ record }: FetchedRecord, wanted: string): string | undefined {
  const [, value] = record.headers.find(([name]) => name?.toString() === wanted) ?? [];
  return value?.toString();
}

/** Returns the original message, addressed to its group. A dead letter without a group was put there by hand. */
function replayOf({ record }: FetchedRecord, topic: string, group: string): OutgoingMessage {
  const own = record.headers.filter(([name]) => name !== null && !ADDED.test(name.toString()));
  if (group !== '') own.push([Buffer.from(REPLAY_GROUP), Buffer.from(group)]);
  return {
    topic,
    key: record.key ?? undefined,
    value: record.value ?? undefined,
    headers: new Map(own.map(([name, value]) => [name ?? Buffer.alloc(0), value ?? Buffer.alloc(0)])),
  };
}

const takenAway = ({ place, record }: FetchedRecord): OutgoingMessage => ({
  topic: place.topic,
  key: record.key ?? undefined,
  value: undefined,
  headers: new Map([[Buffer.from(REPLAYED), Buffer.from(String(place.offset))]]),
});
