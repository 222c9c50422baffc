import type { Logger } from 'pino';
import { LETTERS_MAX, type Letter, type LetterBox, matches, type Replayed } from '../letters.ts';
import type { FetchedRecord } from './assignment.ts';
import { kafkaPublisher, type OutgoingMessage } from './publisher.ts';
import { readTopics } from './reader.ts';
import { REPLAY_GROUP } from './records.ts';
import type { KafkaSettings } from './settings.ts';
import { DEAD_LETTER_SUFFIX, kafkaTopics } from './topics.ts';

/** Header of a message in a `.DLQ` that takes the one at that offset away: a topic is only ever added to. */
const REPLAYED = 'x-replayed-offset';

/** What a burial adds; see deadLetter in records.ts. */
const ADDED = /^x-(reason|group|failed-at|original-(topic|partition|offset))$/;

interface KafkaLetter extends Letter {
  /** In its `.DLQ`. */
  readonly found: FetchedRecord;
}

/**
 * The dead letters on `<topic>.DLQ`. Replaying puts a message back on its topic with a header that names
 * the group that gave it up: the others skip it, however long ago they handled it and forgot the id.
 */
export function kafkaLetters(settings: KafkaSettings, log: Logger): LetterBox {
  const topics = kafkaTopics(settings);
  const publisher = kafkaPublisher(settings, topics, log);
  let seen = new Map<Letter, KafkaLetter>();

  return {
    async list(filter) {
      const ours = (await topics.list()).filter(
        (name) => name.startsWith(settings.prefix) && name.endsWith(DEAD_LETTER_SUFFIX),
      );
      const { signal } = new AbortController();
      const letters = new Map<string, KafkaLetter>();
      for await (const records of readTopics({ settings, topics: ours, what: 'present', log, signal })) {
        for (const found of records) {
          const replayed = headerOf(found, REPLAYED);
          if (replayed === undefined)
            letters.set(`${found.place.topic}/${found.place.offset}`, letterOf(found, settings));
          else letters.delete(`${found.place.topic}/${replayed}`);
        }
      }
      const chosen = [...letters.values()]
        .filter((letter) => matches(filter, letter))
        .sort((a, b) => a.failedAt.getTime() - b.failedAt.getTime())
        .slice(0, LETTERS_MAX);
      seen = new Map(chosen.map((letter) => [letter, letter]));
      return chosen;
    },
    async replay(letters) {
      const done: Replayed[] = [];
      for (const letter of letters) {
        const found = seen.get(letter)?.found;
        if (found === undefined) continue;
        // In this order: a crash between them replays it once more, and nothing is lost.
        await publisher.publish([replayOf(found, settings.prefix + letter.topic, letter.group)]);
        await publisher.publish([takenAway(found)]);
        done.push({ letter, kind: 'published' });
      }
      return done;
    },
    close: () => publisher.stop(),
  };
}

function letterOf(found: FetchedRecord, { prefix }: KafkaSettings): KafkaLetter {
  const { place, record } = found;
  const origin = headerOf(found, 'x-original-topic') ?? place.topic.slice(0, -DEAD_LETTER_SUFFIX.length);
  const stood = [origin, headerOf(found, 'x-original-partition'), headerOf(found, 'x-original-offset')].join('/');
  const content = record.value?.toString() ?? '';
  return {
    id: eventIdIn(content) ?? stood,
    group: headerOf(found, 'x-group') ?? '',
    topic: origin.slice(prefix.length),
    key: record.key?.toString() ?? '',
    content,
    reason: headerOf(found, 'x-reason') ?? '',
    failedAt: new Date(headerOf(found, 'x-failed-at') ?? 0),
    found,
  };
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

/** Without what its burial added, and for its group alone. A letter that names no group was put there by hand. */
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
