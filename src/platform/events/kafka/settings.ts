/** How to connect to Kafka, and how topics are created. */
export interface KafkaSettings {
  /** host:port of some brokers; the client learns of the others from them. */
  readonly brokers: readonly string[];
  /** The partitions of topics that are created; existing topics keep theirs. */
  readonly partitions: number;
  /** A prefix of every topic and group, so that several systems can share a cluster. Usually empty. */
  readonly prefix: string;
}

const REQUEST_MS = 20_000;
const CONNECT_MS = 5_000;

/**
 * Options of every client. The client's own retries are off: the caller decides what to retry, and a commit that rejoined the group by
 * itself would commit offsets of partitions that another member owns by then.
 */
export const clientOptions = (settings: KafkaSettings) => ({
  clientId: 'stampede',
  bootstrapBrokers: [...settings.brokers],
  retries: 0,
  connectTimeout: CONNECT_MS,
  requestTimeout: REQUEST_MS,
});
