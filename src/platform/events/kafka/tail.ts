import type { Logger } from 'pino';
import { StartError } from '../../kernel/start-error.ts';
import type { TailMessage } from '../wire-tap.ts';
import { kafkaProblem } from './access.ts';
import { readTopics } from './reader.ts';
import { decode, envelopeCheck } from './records.ts';
import type { KafkaSettings } from './settings.ts';
import { kafkaTopics } from './topics.ts';

export interface KafkaTailOptions {
  readonly settings: KafkaSettings;
  /** Without the prefix. Topics that do not exist yet are left out. */
  readonly topics: readonly string[];
  readonly show: (shown: TailMessage) => void;
  /** Called once, when every event from now on will be shown. */
  readonly ready: () => void;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * Shows the events of these topics from now on, until the signal. Messages that are no events are left out; `stampede dlq` lists them.
 * @throws StartError when Kafka cannot be reached or refuses this process, or none of the topics exists
 */
export async function kafkaTail({ settings, topics, show, ready, signal, log }: KafkaTailOptions): Promise<void> {
  const { prefix } = settings;
  const existing = await kafkaTopics(settings)
    .list()
    .catch(async (error: unknown) => {
      throw await kafkaProblem(settings, error);
    });
  const ours = topics.map((topic) => prefix + topic).filter((name) => existing.includes(name));
  if (ours.length === 0)
    throw new StartError('None of these topics is on Kafka yet. They come with their first event.');
  for await (const records of readTopics({ settings, topics: ours, from: 'latest', log, signal, ready })) {
    for (const each of records) {
      const { content } = decode(each, { prefix, check: envelopeCheck });
      if (content.kind === 'event') show({ kind: 'event', delivery: content.delivery });
    }
  }
}
