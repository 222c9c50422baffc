import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { KafkaSettings } from '../../src/platform/events/kafka/settings.ts';
import type { KafkaAnswer } from './global-kafka.ts';

/**
 * The brokers of this run, which starts them now if nobody has asked before. Undefined: the tests on Kafka are left out,
 * and the run has said why. Ask at the top of a test file, for `describe.skipIf`.
 */
export async function testKafka(): Promise<string | undefined> {
  const response = await fetch(inject('kafkaDesk'));
  const answer = (await response.json()) as KafkaAnswer;
  if (answer.kind === 'failed') throw new Error(`no Kafka: ${answer.reason}`);
  return answer.kind === 'brokers' ? answer.brokers : undefined;
}

/** Topics and groups of one test's own. */
export const testSettings = (brokers: string): KafkaSettings => ({
  brokers: brokers.split(','),
  partitions: 3,
  prefix: `test-${randomBytes(5).toString('hex')}.`,
});
