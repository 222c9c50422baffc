import { pino } from 'pino';
import { readSettings } from '../../app/config.ts';
import { CONSUMED } from '../../app/event-catalogue.ts';
import { kafkaHere } from '../../app/local/kafka-here.ts';
import { withExistingDatabase } from '../../app/local/with-database.ts';
import type { DeadLetter, DeadLetterFilter, DeadLetterStore } from '../../platform/events/dead-letter-store.ts';
import { kafkaProblem } from '../../platform/events/kafka/access.ts';
import { kafkaDeadLetters } from '../../platform/events/kafka/dead-letter-store.ts';
import type { KafkaSettings } from '../../platform/events/kafka/settings.ts';
import { postgresDeadLetterStore } from '../../platform/events/postgres-dead-letter-store.ts';

/** Letters with the box that each lies in. */
export interface Found {
  readonly store: DeadLetterStore;
  readonly deadLetters: readonly DeadLetter[];
}

/**
 * Gives `work` the dead letters of this system: of the database, and of Kafka when KAFKA_BROKERS is set, or the
 * server that runs on the data directory uses it.
 * @throws StartError when one of them cannot be reached, or refuses this process
 */
export function withDeadLetters<Result>(
  filter: DeadLetterFilter,
  work: (found: readonly Found[], hasKafka: boolean) => Promise<Result>,
): Promise<Result> {
  const settings = readSettings(process.env);
  return withExistingDatabase(settings, async (url) => {
    const boxes = [await postgresDeadLetterStore(url)];
    const kafka = kafkaHere(process.env);
    if (kafka !== undefined) boxes.push(kafkaDeadLetters(kafka, pino({ level: 'silent' }), CONSUMED));
    try {
      const found: Found[] = [];
      for (const store of boxes) found.push({ store, deadLetters: await store.list(filter).catch(unreadable(kafka)) });
      return await work(found, kafka !== undefined);
    } finally {
      await Promise.all(boxes.map((store) => store.close()));
    }
  });
}

const unreadable = (kafka: KafkaSettings | undefined) => async (error: unknown) => {
  if (kafka === undefined) throw error;
  throw await kafkaProblem(kafka, error, ', or leave KAFKA_BROKERS out to see the letters in the database alone');
};
