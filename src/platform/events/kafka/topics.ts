import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import type { Logger } from 'pino';
import { StartError } from '../../kernel/start-error.ts';
import { callWithTimeout } from './call-with-timeout.ts';
import { durabilityProblems } from './durability.ts';
import { clientOptions, firstBroker, guarded, type KafkaSettings, passBy } from './settings.ts';
import { DEAD_LETTER_SUFFIX } from './topic-names.ts';

const REPLICAS_MAX = 3;
const VISIBLE_MS = 10_000;
const PING_MS = 2_000;
const CLOSE_MS = 2_000;

/** Topics that this process does not create. The message says who does. */
export class MissingTopics extends Error {
  override readonly name = 'MissingTopics';
}

export interface Topics {
  /**
   * Creates missing topics that this process owns, and checks that their messages survive the loss of a broker. `names` are names on
   * the cluster. Rejects with MissingTopics, with a StartError for a topic that is refused, or with Kafka's error.
   */
  ensure(names: readonly string[]): Promise<void>;
  /** Returns the names of all topics on the cluster. */
  list(): Promise<readonly string[]>;
  /** Clears the list of known topics, so that `ensure` looks again: a topic may have been deleted. */
  forget(): void;
  /** Rejects when no broker responds. */
  ping(): Promise<void>;
}

export interface TopicsOptions {
  /** Does this process create the topic, whose name is without the prefix and without that of dead letters? Default: every topic. */
  readonly owns?: ((topic: string) => boolean) | undefined;
  readonly log?: Logger | undefined;
}

export function kafkaTopics(settings: KafkaSettings, { owns = () => true, log }: TopicsOptions = {}): Topics {
  const { prefix, createTopics = true, requireDurable = false } = settings;
  const known = new Set<string>();
  /** What was logged already: a topic is checked again after each failure of a connection. */
  const reported = new Set<string>();
  const isOwned = (name: string): boolean => {
    const own = name.slice(prefix.length);
    return owns(own.endsWith(DEAD_LETTER_SUFFIX) ? own.slice(0, -DEAD_LETTER_SUFFIX.length) : own);
  };

  async function withAdmin<T>(work: (admin: Admin) => Promise<T>, from = settings): Promise<T> {
    const first = firstBroker(from);
    const admin = guarded(new Admin(clientOptions(from)));
    try {
      return await work(admin);
    } catch (error) {
      passBy(from, first);
      throw error;
    } finally {
      await callWithTimeout(CLOSE_MS, 'closing', admin.close()).catch(() => undefined);
    }
  }

  async function create(admin: Admin, names: readonly string[]): Promise<void> {
    const existing = new Set(await admin.listTopics());
    const missing = names.filter((name) => !existing.has(name));
    const foreign = missing.filter((name) => !createTopics || !isOwned(name));
    const own = missing.filter((name) => !foreign.includes(name));
    if (own.length > 0) {
      const { brokers } = await admin.metadata({ forceUpdate: true });
      // One by one: when two nodes start at the same time, each may find that the other has created some of them.
      for (const topic of own) await createOne(admin, topic, brokers.size);
      await untilVisible(admin, own);
    }
    if (foreign.length > 0) throw new MissingTopics(missingText(foreign, createTopics));
  }

  async function createOne(admin: Admin, topic: string, brokers: number): Promise<void> {
    const isDead = topic.endsWith(DEAD_LETTER_SUFFIX);
    const partitions = isDead ? 1 : settings.partitions;
    const replicas = settings.replication ?? Math.min(REPLICAS_MAX, brokers);
    const configs = [
      // Kept for ever: with the default retention the broker would delete dead letters after seven days.
      ...(isDead ? [{ name: 'retention.ms', value: '-1' }] : []),
      // Acknowledged messages are on two brokers, and one may be away.
      ...(replicas >= REPLICAS_MAX ? [{ name: 'min.insync.replicas', value: '2' }] : []),
    ];
    await admin.createTopics({ topics: [{ topic, partitions, replicas }], configs }).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  }

  /** Only of own topics: others are the concern of their owners, and this process may not be allowed to read their settings. */
  async function check(admin: Admin, names: readonly string[]): Promise<void> {
    const own = names.filter(isOwned);
    if (own.length === 0) return;
    const problems = await durabilityProblems(admin, own, settings);
    if (problems.length === 0) return;
    if (requireDurable) {
      throw new StartError(
        `KAFKA_REQUIRE_DURABLE=on: ${problems.join(' ')} Change these topics, or leave KAFKA_REQUIRE_DURABLE out.`,
      );
    }
    const fresh = problems.filter((problem) => !reported.has(problem));
    for (const problem of fresh) reported.add(problem);
    if (fresh.length > 0) log?.warn({ problems: fresh }, 'the loss of one broker may lose events');
  }

  return {
    async ensure(names) {
      const unknown = names.filter((name) => !known.has(name));
      if (unknown.length === 0) return;
      await withAdmin(async (admin) => {
        await create(admin, unknown);
        await check(admin, unknown);
      });
      for (const name of unknown) known.add(name);
    },
    list: () => withAdmin((admin) => admin.listTopics()),
    forget: () => known.clear(),
    async ping() {
      const ping = (admin: Admin) => callWithTimeout(PING_MS, 'Kafka', admin.metadata({ forceUpdate: true }));
      await Promise.any(settings.brokers.map((broker) => withAdmin(ping, { ...settings, brokers: [broker] })));
    },
  };
}

const missingText = (names: readonly string[], createTopics: boolean): string =>
  createTopics
    ? `${names.join(', ')}: not on Kafka, or not readable by this user. The service that owns a topic creates it: start it, or check the access rules.`
    : `${names.join(', ')}: not on Kafka, or not readable by this user. KAFKA_CREATE_TOPICS=off: create them, or check the access rules.`;

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
