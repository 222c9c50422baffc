import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { KafkaSettings } from '../../src/platform/events/kafka/settings.ts';
import { hasJava } from '../../tools/kafka/artifacts.ts';
import { canStartKafka } from '../../tools/kafka/start.ts';
import type { KafkaAnswer } from './global-kafka.ts';

/**
 * Returns the brokers of this run; the first call starts them. Undefined: the tests on Kafka are left out,
 * and the run has said why. Ask at the top of a test file, for `describe.skipIf`.
 */
export async function testKafka(): Promise<string | undefined> {
  const control = inject('kafkaControl');
  // Tests against a server that they did not start have no Kafka beside it.
  if (control === undefined) return undefined;
  const response = await fetch(control);
  const answer = (await response.json()) as KafkaAnswer;
  if (answer.kind === 'failed') throw new Error(`no Kafka: ${answer.reason}`);
  return answer.kind === 'brokers' ? answer.brokers : undefined;
}

/** Can a test start brokers of its own, to kill them? Otherwise such tests are left out, and a line says so. */
export async function canKillKafka(): Promise<boolean> {
  if (await canStartKafka()) return true;
  // Without KAFKA_BROKERS this is left out like everything on Kafka, in the same line.
  if ((await testKafka()) === undefined) return false;
  const reason = 'install Java 17 and Maven, or Docker: the broker of KAFKA_BROKERS is not theirs to kill';
  if (process.env['REQUIRE_KAFKA'] === '1') throw new Error(`no Kafka: ${reason}`);
  process.stderr.write(`The tests that kill Kafka are left out: ${reason}.\n`);
  return false;
}

/** Topics and groups of one test's own. */
export const testSettings = (brokers: string): KafkaSettings => ({
  brokers: brokers.split(','),
  partitions: 3,
  prefix: `test-${randomBytes(5).toString('hex')}.`,
});

/** Can a test start a cluster of three brokers, which needs Java and Maven? Otherwise such tests are left out, and a line says so. */
export async function canStartKafkaCluster(): Promise<boolean> {
  if (await hasJava()) return true;
  const reason = 'install Java 17 and Maven';
  if (process.env['REQUIRE_KAFKA'] === '1') throw new Error(`no Kafka of three brokers: ${reason}`);
  process.stderr.write(`The tests on three brokers are left out: ${reason}.\n`);
  return false;
}
