import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import { callWithTimeout } from './call-with-timeout.ts';
import { clientOptions, type KafkaSettings } from './settings.ts';

const REPLICAS_MAX = 3;
const VISIBLE_MS = 10_000;
const PING_MS = 2_000;
const CLOSE_MS = 2_000;

/** The suffix of a dead letter topic. It has one partition, because operators read it. */
export const DEAD_LETTER_SUFFIX = '.DLQ';

export interface Topics {
  /** Creates missing topics. `names` are names on the cluster. Rejects with Kafka's error. */
  ensure(names: readonly string[]): Promise<void>;
  /** Returns the names of all topics on the cluster. */
  list(): Promise<readonly string[]>;
  /** Clears the list of known topics, so that `ensure` looks again: a topic may have been deleted. */
  forget(): void;
  /** Rejects when no broker responds. */
  ping(): Promise<void>;
}

export function kafkaTopics(settings: KafkaSettings): Topics {
  const known = new Set<string>();

  async function withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Admin(clientOptions(settings));
    try {
      return await work(admin);
    } finally {
      await callWithTimeout(CLOSE_MS, 'closing', admin.close()).catch(() => undefined);
    }
  }

  async function create(admin: Admin, names: readonly string[]): Promise<void> {
    const existing = new Set(await admin.listTopics());
    const missing = names.filter((name) => !existing.has(name));
    if (missing.length === 0) return;
    const { brokers } = await admin.metadata({ forceUpdate: true });
    const replicas = Math.min(REPLICAS_MAX, brokers.size);
    // One by one: when two nodes start at the same time, each may find that the other has created some of them.
    for (const topic of missing) {
      const isDead = topic.endsWith(DEAD_LETTER_SUFFIX);
      const partitions = isDead ? 1 : settings.partitions;
      // Kept for ever: with the default retention the broker would delete dead letters after seven days.
      const configs = isDead ? [{ name: 'retention.ms', value: '-1' }] : [];
      await admin.createTopics({ topics: [{ topic, partitions, replicas }], configs }).catch((error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
      });
    }
    await untilVisible(admin, missing);
  }

  return {
    async ensure(names) {
      const unknown = names.filter((name) => !known.has(name));
      if (unknown.length === 0) return;
      await withAdmin((admin) => create(admin, unknown));
      for (const name of unknown) known.add(name);
    },
    list: () => withAdmin((admin) => admin.listTopics()),
    forget: () => known.clear(),
    ping: () =>
      withAdmin(async (admin) => {
        await callWithTimeout(PING_MS, 'Kafka', admin.metadata({ forceUpdate: true }));
      }),
  };
}

/** Waits until the broker knows the leaders of new topics, which is shortly after their creation. */
async function untilVisible(admin: Admin, topics: string[]): Promise<void> {
  for (const until = performance.now() + VISIBLE_MS; ; await sleep(50)) {
    try {
      await admin.metadata({ topics, forceUpdate: true });
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
}

const isAlreadyExists = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.some(isAlreadyExists)
    : (error as { apiId?: unknown } | undefined)?.apiId === 'TOPIC_ALREADY_EXISTS';
