import { pino } from 'pino';
import { readSettings } from '../../app/config.ts';
import { withDatabase } from '../../app/with-database.ts';
import { kafkaLetters } from '../../platform/events/kafka/letters.ts';
import type { Letter, LetterBox, LetterFilter } from '../../platform/events/letters.ts';
import { postgresLetters } from '../../platform/events/postgres-letters.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

/** Letters with the box that each lies in. */
export interface Found {
  readonly box: LetterBox;
  readonly letters: readonly Letter[];
}

/**
 * Gives `work` the letters of this system: of the database, and of Kafka when KAFKA_BROKERS is set.
 * @throws StartError when one of them cannot be reached
 */
export function withLetters<Result>(
  filter: LetterFilter,
  work: (found: readonly Found[]) => Promise<Result>,
): Promise<Result> {
  const settings = readSettings(process.env);
  return withDatabase(settings, async (url) => {
    const boxes = [await postgresLetters(url)];
    const { kafka } = settings;
    if (kafka !== undefined) boxes.push(kafkaLetters(kafka, pino({ level: 'silent' })));
    try {
      const found: Found[] = [];
      for (const box of boxes) found.push({ box, letters: await box.list(filter).catch(unreachable(kafka?.brokers)) });
      return await work(found);
    } finally {
      await Promise.all(boxes.map((box) => box.close()));
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
