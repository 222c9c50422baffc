import type { KafkaSettings } from '../../platform/events/kafka/settings.ts';
import { readSettings } from '../config.ts';
import { readPidFile } from './pid-file.ts';

/**
 * The Kafka of the system that a command looks at: that of KAFKA_BROKERS, else that of the server or cluster that runs on the data
 * directory, unless the environment names databases of another system. Undefined: none is known.
 * @throws StartError for a variable that is wrong
 */
export function kafkaHere(env: NodeJS.ProcessEnv): KafkaSettings | undefined {
  const { kafka, databaseUrl, services, dataDir } = readSettings(env);
  if (kafka !== undefined || databaseUrl !== undefined) return kafka;
  if (Object.keys(services.databaseUrls).length > 0) return undefined;
  const running = readPidFile(dataDir)?.kafka;
  if (running === undefined) return undefined;
  const { brokers, topicPrefix } = running;
  return readSettings({
    ...env,
    KAFKA_BROKERS: brokers,
    ...(topicPrefix ? { KAFKA_TOPIC_PREFIX: topicPrefix } : {}),
  }).kafka;
}
