import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import { clientOptions, type KafkaSettings } from './settings.ts';
import { within } from './within.ts';

const REPLICAS_MAX = 3;
const VISIBLE_MS = 10_000;
const PING_MS = 2_000;
const CLOSE_MS = 2_000;

/** Appended to a topic's name. One partition each: they are read by people. */
export const DEAD_LETTER_SUFFIX = '.DLQ';

export interface Topics {
  /** Creates those that are missing. Names as they stand on the cluster. Rejects with what Kafka said. */
  ensure(names: readonly string[]): Promise<void>;
  /** All that there are on the cluster. */
  list(): Promise<readonly string[]>;
  /** Looks again at what is there: something went wrong, perhaps because a topic was deleted. */
  forget(): void;
  /** Rejects when no broker answers. */
  ping(): Promise<void>;
}

export function kafkaTopics(settings: KafkaSettings): Topics {
  const known = new Set<string>();

  async function withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Admin(clientOptions(settings));
    try {
      return await work(admin);
    } finally {
      await within(CLOSE_MS, 'closing', admin.close()).catch(() => undefined);
    }
  }

  async function create(admin: Admin, names: readonly string[]): Promise<void> {
    const existing = new Set(await admin.listTopics());
    const missing = names.filter((name) => !existing.has(name));
    if (missing.length === 0) return;
    const { brokers } = await admin.metadata({ forceUpdate: true });
    const replicas = Math.min(REPLICAS_MAX, brokers.size);
    // One by one: of two nodes that start at once, each may find that the other has created some of them.
    for (const topic of missing) {
      const isDead = topic.endsWith(DEAD_LETTER_SUFFIX);
      const partitions = isDead ? 1 : settings.partitions;
      // Nobody can replay what the broker has dropped after its seven days.
      const configs = isDead ? [{ name: 'retention.ms', value: '-1' }] : [];
      await admin.createTopics({ topics: [{ topic, partitions, replicas }], configs }).catch((error: unknown) => {
        if (!saysItExists(error)) throw error;
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
        await within(PING_MS, 'Kafka', admin.metadata({ forceUpdate: true }));
      }),
  };
}

/** A broker learns of a new topic's leaders a moment after it was created. */
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

const saysItExists = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.some(saysItExists)
    : (error as { apiId?: unknown } | undefined)?.apiId === 'TOPIC_ALREADY_EXISTS';
