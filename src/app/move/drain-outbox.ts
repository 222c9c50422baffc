import { Registry } from 'prom-client';
import { eventCheck } from '../../platform/events/check.ts';
import { postgresDeadLetters } from '../../platform/events/dead-letters.ts';
import type { KafkaSettings } from '../../platform/events/kafka/settings.ts';
import { createRelay } from '../../platform/events/relay.ts';
import { waitForOutbox } from '../../platform/events/wait-for-outbox.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { openDatabase } from '../../platform/postgres/database.ts';
import { createLogger } from '../../platform/telemetry/logger.ts';
import { TOPICS } from '../event-catalogue.ts';

/**
 * Publishes what waits in the outbox of a database whose processes have stopped.
 * @throws StartError when that takes longer than 30 s
 */
export async function drainOutbox(url: string, settings: KafkaSettings): Promise<void> {
  const { kafkaBus } = await import('../../platform/events/bus-kafka.ts');
  const log = createLogger('warn');
  const metrics = new Registry();
  const check = eventCheck(TOPICS);
  const database = openDatabase({ url, onError: (error) => log.warn({ err: error }, 'an idle connection broke') });
  const bus = kafkaBus({ settings, check, metrics, log });
  const relay = createRelay({ url, bus, check, deadLetters: postgresDeadLetters(database.pool), metrics, log });
  try {
    await bus.start();
    relay.start();
    await waitForOutbox(database.pool);
  } catch (error) {
    throw new StartError(`Events are still in the outbox. Is Kafka there? ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await relay.stop();
    await bus.stop();
    await database.close();
  }
}
