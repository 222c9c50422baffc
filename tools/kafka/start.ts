import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import { hasJava, kafkaJars } from './artifacts.ts';
import { dockerBroker, hasDocker } from './docker.ts';
import { jvmBroker, secureBroker } from './jvm.ts';
import type { Machine } from './machine.ts';
import type { BrokerSecurity } from './security.ts';

const READY_MS = 60_000;
const ASK_MS = 2_000;

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
 * @param keepIn where its data stays for the next start, which needs Java. Absent: in a temporary directory
 * @throws NoKafka when this machine has neither Java with Maven nor Docker
 */
export async function startKafka(keepIn?: string): Promise<Kafka> {
  return await begun(await findMachine(keepIn));
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

async function begun(machine: Machine): Promise<Kafka> {
  const end = async (): Promise<void> => {
    await machine.kill();
    await machine.remove();
  };
  const begin = async (): Promise<void> => {
    await machine.launch();
    await untilReady(machine);
  };
  try {
    await begin();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    brokers: machine.address,
    pid: () => machine.pid?.(),
    isAlive: () =>
      machine.check().then(
        () => true,
        () => false,
      ),
    kill: () => machine.kill(),
    freeze: () => machine.freeze(),
    thaw: () => machine.thaw(),
    async restart() {
      await machine.kill();
      await begin();
    },
    stop: end,
  };
}

/** Is there something here to run a broker with? */
export const canStartKafka = async (): Promise<boolean> => typeof (await wayToStart(undefined)) !== 'string';

async function findMachine(keepIn: string | undefined): Promise<Machine> {
  const way = await wayToStart(keepIn);
  if (typeof way === 'string') throw new NoKafka(way);
  return await way();
}

/** Or what to do about it. */
async function wayToStart(keepIn: string | undefined): Promise<(() => Promise<Machine>) | string> {
  let why = '';
  if (await hasJava()) {
    const jars = await kafkaJars().catch((error: Error) => error);
    if (typeof jars === 'string') return () => jvmBroker(jars, keepIn);
    why = `${jars.message}; `;
  }
  if (keepIn === undefined && (await hasDocker())) return dockerBroker;
  return `${why}install Java 17 and Maven, or Docker, or set KAFKA_BROKERS=host:port`;
}

/** Waits until the broker returns metadata that contains it, and accepts consumers. */
async function untilReady(machine: Machine): Promise<void> {
  const admin = new Admin({
    clientId: 'stampede-ready',
    bootstrapBrokers: [machine.address],
    retries: 0,
    connectTimeout: ASK_MS,
    requestTimeout: ASK_MS,
  });
  try {
    for (const until = performance.now() + READY_MS; ; await sleep(50)) {
      const metadata = await admin.metadata({ forceUpdate: true }).catch(() => undefined);
      if (metadata !== undefined && metadata.brokers.size > 0) return;
      await machine.check();
      if (performance.now() > until) throw new Error(`Kafka did not respond within ${READY_MS / 1000} s`);
    }
  } finally {
    await admin.close();
  }
}
