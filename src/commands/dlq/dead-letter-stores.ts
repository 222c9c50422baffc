import { pino } from 'pino';
import { readSettings } from '../../app/config.ts';
import { withExistingDatabase } from '../../app/local/with-database.ts';
import type { DeadLetter, DeadLetterFilter, DeadLetterStore } from '../../platform/events/dead-letter-store.ts';
import { kafkaDeadLetters } from '../../platform/events/kafka/dead-letter-store.ts';
import { postgresDeadLetterStore } from '../../platform/events/postgres-dead-letter-store.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

/** Letters with the box that each lies in. */
export interface Found {
  readonly store: DeadLetterStore;
  readonly deadLetters: readonly DeadLetter[];
}

/**
 * Gives `work` the dead letters of this system: of the database, and of Kafka when KAFKA_BROKERS is set.
 * @throws StartError when one of them cannot be reached
 */
export function withDeadLetters<Result>(
  filter: DeadLetterFilter,
  work: (found: readonly Found[], hasKafka: boolean) => Promise<Result>,
): Promise<Result> {
  const settings = readSettings(process.env);
  return withExistingDatabase(settings, async (url) => {
    const boxes = [await postgresDeadLetterStore(url)];
    const { kafka } = settings;
    if (kafka !== undefined) boxes.push(kafkaDeadLetters(kafka, pino({ level: 'silent' })));
    try {
      const found: Found[] = [];
      for (const store of boxes)
        found.push({ store, deadLetters: await store.list(filter).catch(unreachable(kafka?.brokers)) });
      return await work(found, kafka !== undefined);
    } finally {
      await Promise.all(boxes.map((store) => store.close()));
    }
  });
}

const unreachable = (brokers: readonly string[] | undefined) => (error: unknown) => {
  if (brokers === undefined) throw error;
  throw new StartError(
    `KAFKA_BROKERS=${brokers.join(',')} cannot be read: ${String(error)}. Start that broker, or leave KAFKA_BROKERS out to see the letters in the database alone.`,
    { cause: error },
  );
};
