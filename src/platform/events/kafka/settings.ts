/** How to reach Kafka, and what is made there. */
export interface KafkaSettings {
  /** host:port of some of the brokers; they tell of the others. */
  readonly brokers: readonly string[];
  /** Of topics that are created; those that exist keep theirs. */
  readonly partitions: number;
  /** Before every topic and group, so that several systems can share a cluster. Mostly empty. */
  readonly prefix: string;
}

const REQUEST_MS = 20_000;
const CONNECT_MS = 5_000;

/**
 * For every client. None retries by itself: who calls it knows better what to try again, and a commit that rejoins the group
 * by itself would commit for partitions that are somebody else's by then.
 */
export const clientOptions = (settings: KafkaSettings) => ({
  clientId: 'stampede',
  bootstrapBrokers: [...settings.brokers],
  retries: 0,
  connectTimeout: CONNECT_MS,
  requestTimeout: REQUEST_MS,
});
