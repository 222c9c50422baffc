import { hasJava, kafkaJars } from './artifacts.ts';
import { dockerBroker, hasDocker } from './docker.ts';
import { jvmBroker, jvmBrokers, secureBroker } from './jvm.ts';
import type { KafkaOptions, Machine } from './machine.ts';
import type { BrokerSecurity } from './security.ts';

const MEMBERS = 3;

/** A broker of one's own: one node, a free port, data that goes when it stops unless it has a directory. */
export interface Kafka {
  /** As KAFKA_BROKERS wants it. The same for the broker's whole life. */
  readonly brokers: string;
  /** Of its process. Undefined: it does not run, or in a container. */
  pid(): number | undefined;
  isAlive(): Promise<boolean>;
  /** kill -9. The data stays. */
  kill(): Promise<void>;
  /** Stops its clock without closing a connection; `thaw` lets it go on. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Kills it if it runs, and starts it on the same data and port. Resolves when it serves. */
  restart(): Promise<void>;
  /** Kills it and removes its data. */
  stop(): Promise<void>;
}

/** There is nothing here to run Kafka with. The message says how to get it. */
export class NoKafka extends Error {
  override readonly name = 'NoKafka';
}

/**
 * Starts Kafka from its Maven artifacts, or else in Docker. Resolves when it serves.
 * @throws NoKafka when this machine has neither Java with Maven nor Docker
 */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  return await begun(await findMachine(options));
}

/** A broker whose plain listener may do everything, and with listeners for clients that show who they are. */
export interface SecureKafka extends Kafka {
  /** TLS and SASL. */
  readonly saslBrokers: string;
  /** TLS, with a certificate of the client. */
  readonly tlsBrokers: string;
}

/**
 * Starts Kafka with TLS, users and access rules, from its Maven artifacts. Resolves when it serves.
 * @throws NoKafka when this machine lacks Java or Maven
 */
export async function startSecureKafka(security: BrokerSecurity): Promise<SecureKafka> {
  if (!(await hasJava())) throw new NoKafka('install Java 17 and Maven');
  const machine = await secureBroker(await kafkaJars(), security);
  return { ...(await begun(machine)), saslBrokers: machine.saslAddress, tlsBrokers: machine.tlsAddress };
}

/** Three brokers that are one cluster, which lasts while two of them serve. */
export interface KafkaCluster {
  /** All of them, as KAFKA_BROKERS wants it. */
  readonly brokers: string;
  readonly members: readonly [Kafka, Kafka, Kafka];
  stop(): Promise<void>;
}

/**
 * Starts three brokers from their Maven artifacts. Resolves when each of them serves.
 * @param advertise returns the port by which clients and the other brokers reach the one that listens on `port`
 * @throws NoKafka when this machine lacks Java or Maven
 */
export async function startKafkaCluster(
  advertise: (port: number, index: number) => Promise<number> = async (port) => port,
): Promise<KafkaCluster> {
  if (!(await hasJava())) throw new NoKafka('install Java 17 and Maven');
  const machines = await jvmBrokers(await kafkaJars(), MEMBERS, advertise);
  const outcomes = await Promise.allSettled(machines.map(begun));
  const members = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(members.map((each) => each.stop()));
  };
  const failed = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  const [one, two, three] = members;
  if (one !== undefined && two !== undefined && three !== undefined) {
    return { brokers: members.map(({ brokers }) => brokers).join(','), members: [one, two, three], stop };
  }
  await stop();
  throw failed?.reason;
}

async function begun(machine: Machine): Promise<Kafka> {
  const end = async (): Promise<void> => {
    await machine.kill();
    await machine.remove();
  };
  try {
    await machine.start();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    brokers: machine.address,
    pid: () => machine.pid?.(),
    isAlive: () => machine.isAlive(),
    kill: () => machine.kill(),
    freeze: () => machine.freeze(),
    thaw: () => machine.thaw(),
    async restart() {
      await machine.kill();
      await machine.start();
    },
    stop: end,
  };
}

/** Is there something here to run a broker with? */
export const canStartKafka = async (): Promise<boolean> => typeof (await wayToStart({})) !== 'string';

async function findMachine(options: KafkaOptions): Promise<Machine> {
  const way = await wayToStart(options);
  if (typeof way === 'string') throw new NoKafka(way);
  return await way();
}

/** Or what to do about it. */
async function wayToStart(options: KafkaOptions): Promise<(() => Promise<Machine>) | string> {
  let why = '';
  if (await hasJava()) {
    const jars = await kafkaJars().catch((error: Error) => error);
    if (typeof jars === 'string') return () => jvmBroker(jars, options);
    why = `${jars.message}; `;
  }
  if (options.keepIn === undefined && options.advertise === undefined && (await hasDocker())) return dockerBroker;
  return `${why}install Java 17 and Maven, or Docker, or set KAFKA_BROKERS=host:port`;
}
