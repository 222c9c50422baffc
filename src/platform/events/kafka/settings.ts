import type { Base } from '@platformatic/kafka';
import { type KafkaSecurity, securityOptions } from './security.ts';

/** How to connect to Kafka, and how topics are created. */
export interface KafkaSettings {
  /** host:port of some brokers; the client learns of the others from them. */
  readonly brokers: readonly string[];
  /** The partitions of topics that are created; existing topics keep theirs. */
  readonly partitions: number;
  /** A prefix of every topic and group, so that several systems can share a cluster. Usually empty. */
  readonly prefix: string;
  /** Absent: neither encrypted nor authenticated. */
  readonly security?: KafkaSecurity | undefined;
  /** The replicas of topics that are created. Absent: 3, or one on each broker where there are fewer. */
  readonly replication?: number | undefined;
  /** Absent: true. Otherwise missing topics are an error. */
  readonly createTopics?: boolean | undefined;
  /** Is a topic refused whose messages the loss of one broker may lose? Absent: false, and a warning is logged. */
  readonly requireDurable?: boolean | undefined;
}

const REQUEST_MS = 20_000;
const CONNECT_MS = 5_000;

/** The brokers of settings in another order than theirs. */
const orders = new WeakMap<KafkaSettings['brokers'], readonly string[]>();

const orderOf = ({ brokers }: KafkaSettings): readonly string[] => orders.get(brokers) ?? brokers;

/** The one that the next client connects to first. */
export const firstBroker = (settings: KafkaSettings): string | undefined => orderOf(settings)[0];

/**
 * Call when a client failed that had this first broker: the next client begins with another one. A client gets its metadata from the first broker that accepts
 * a connection. Where that one is frozen, or is a proxy before a dead one, no client would ever work.
 */
export function passBy(settings: KafkaSettings, broker: string | undefined): void {
  const [first, ...others] = orderOf(settings);
  if (first !== undefined && first === broker) orders.set(settings.brokers, [...others, first]);
}

/**
 * Options of every client. The client's own retries are off: the caller decides what to retry, and a commit that rejoined the group by
 * itself would commit offsets of partitions that another member owns by then. Files of certificates are read again for each client.
 * @throws StartError for a file that cannot be read or used
 */
export const clientOptions = (settings: KafkaSettings) => ({
  clientId: 'stampede',
  bootstrapBrokers: [...orderOf(settings)],
  retries: 0,
  connectTimeout: CONNECT_MS,
  requestTimeout: REQUEST_MS,
  ...securityOptions(settings.security),
});

/**
 * Returns the client, after it was made safe against errors of connections that no request uses. A connection that fails to
 * authenticate again reports it, and may report the end of its socket as well. The client listens to the first report only, and
 * the second one would end the process. A request that uses the connection gets the error in any case.
 */
export function guarded<Client extends Base>(client: Client): Client {
  client.connections.on('connecting', ({ connection }) => {
    connection?.on('error', () => undefined);
  });
  return client;
}
