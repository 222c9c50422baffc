import type { DeadLetter, Replayed } from '../../platform/events/dead-letter-store.ts';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { printable, shortened } from '../printable.ts';

const REASON_CHARS = 100;

export const deadLetterLine = ({ id, group, topic, reason, failedAt }: DeadLetter): string =>
  `${failedAt.toISOString()}  ${topic}  ${group}  ${id}  ${shortened(reason, REASON_CHARS)}\n`;

/** Where no dead letter was found. Those that wait in Kafka are not seen without its address. */
export const nothingText = (hasKafka: boolean): string =>
  hasKafka
    ? 'Nothing: every event was handled.\n'
    : 'Nothing in the database: every event was handled. If your servers use Kafka, set KAFKA_BROKERS as they do to see its dead letters.\n';

/** For programs. */
export const oneLine = ({ id, group, topic, key, content, reason, failedAt }: DeadLetter): string =>
  `${JSON.stringify({ id, group, topic, key, reason, failedAt, event: parsed(content) })}\n`;

export const deadLetterPage = ({ id, group, topic, key, content, reason, failedAt }: DeadLetter): string =>
  [
    `event     ${id}`,
    `topic     ${topic}`,
    `key       ${printable(key)}`,
    `consumer  ${group}`,
    `failed    ${failedAt.toISOString()}`,
    `reason    ${printable(reason)}`,
    '',
    pretty(content),
    '',
  ].join('\n');

export function replayedText(outcomes: readonly Replayed[]): string {
  const failed = outcomes.flatMap((outcome) =>
    outcome.kind === 'failed again'
      ? [`${outcome.deadLetter.id}  ${outcome.deadLetter.group}  ${shortened(outcome.reason, REASON_CHARS)}\n`]
      : [],
  );
  const counted = (kind: Replayed['kind'], text: string): string => {
    const many = outcomes.filter((outcome) => outcome.kind === kind).length;
    return many === 0 ? '' : `${many} ${text}\n`;
  };
  return [
    outcomes.length === 0 ? 'Nothing to replay.\n' : '',
    counted('handled', 'handled.'),
    counted('published', `put back on their topics. One that fails again comes back here: ${commandLine('dlq list')}`),
    counted('marked', `marked: a server hands them over as soon as it runs. Start one: ${commandLine('serve')}`),
    counted('failed again', 'failed again:'),
    ...failed,
  ].join('');
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

function pretty(content: string): string {
  const value = parsed(content);
  // JSON escapes control characters by itself.
  return typeof value === 'string' ? printable(value) : JSON.stringify(value, undefined, 2);
}
