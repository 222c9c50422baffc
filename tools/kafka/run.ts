/** npm run kafka: a broker to try things with, until Ctrl-C. */
import { NoKafka, startKafka } from './start.ts';

try {
  const kafka = await startKafka();
  process.stdout.write(`KAFKA_BROKERS=${kafka.brokers}\n`);
  const end = async (): Promise<void> => {
    await kafka.stop();
    process.exit(0);
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  setInterval(() => undefined, 60_000);
} catch (error) {
  if (!(error instanceof NoKafka)) throw error;
  process.stderr.write(`Kafka cannot be started here: ${error.message}\n`);
  process.exitCode = 1;
}
