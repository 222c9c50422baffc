import { pino } from 'pino';
import type { AuditScope } from '../../platform/context.ts';
import type { DeadLetter } from '../../platform/events/dead-letter-store.ts';
import { kafkaProblem } from '../../platform/events/kafka/access.ts';
import { lettersOnKafka } from '../../platform/events/kafka/dead-letter-store.ts';
import type { KafkaSettings } from '../../platform/events/kafka/settings.ts';
import { CONSUMED } from '../event-catalogue.ts';
import { type AuditLine, msSince } from './audit-report.ts';
import { auditResult } from './audit-result.ts';

/**
 * What consumers of Kafka gave up lies on its `.DLQ` topics, in no database. Each letter that was not replayed is a violation, as one in
 * a database is. A Kafka that cannot be read is a violation too: what waits there is unknown.
 */
export async function auditKafkaLetters(kafka: KafkaSettings, { policyId }: AuditScope): Promise<AuditLine> {
  const startedAt = performance.now();
  const line = { context: 'events', name: 'no event waits as a dead letter on Kafka' };
  try {
    const { topics, letters } = await lettersOnKafka(kafka, pino({ level: 'silent' }), CONSUMED);
    const found = policyId === undefined ? letters : letters.filter(isOfPolicy(policyId));
    const figures = { topics: topics.length, letters: found.length };
    return { ...line, ...auditResult(figures, violationsOf(found), found.length), tookMs: msSince(startedAt) };
  } catch (error) {
    const { message } = await kafkaProblem(kafka, error, ' or correct KAFKA_BROKERS');
    const problem = `${message} Its dead letters are not known.`;
    return { ...line, ...auditResult({}, [problem]), tookMs: msSince(startedAt) };
  }
}

function violationsOf(letters: readonly DeadLetter[]): string[] {
  const found = new Map<string, { readonly oldest: DeadLetter; count: number }>();
  for (const letter of letters.toSorted((a, b) => a.failedAt.getTime() - b.failedAt.getTime())) {
    const name = `${letter.group} ${letter.topic}`;
    const group = found.get(name) ?? { oldest: letter, count: 0 };
    group.count += 1;
    found.set(name, group);
  }
  return [...found.values()].map(({ oldest: { group, topic, failedAt }, count }) => {
    return `${group} gave up ${count} events of ${topic}, the oldest at ${failedAt.toISOString()}`;
  });
}

const isOfPolicy = (policyId: bigint) => {
  return ({ content }: DeadLetter): boolean => {
    try {
      const event = JSON.parse(content) as { data?: { policyId?: unknown } } | null;
      return event?.data?.policyId === String(policyId);
    } catch {
      return false;
    }
  };
};
