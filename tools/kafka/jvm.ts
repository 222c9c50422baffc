import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { serverProcess } from '../server-process.ts';
import type { KafkaOptions, Machine } from './machine.ts';
import { isBrokerReady, READY_MS } from './ready.ts';
import type { BrokerSecurity } from './security.ts';
import { type Member, serverProperties } from './server-properties.ts';

const HEAP = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC'];

export interface SecureMachine extends Machine {
  /** Of the listener with TLS and SASL. */
  readonly saslAddress: string;
  /** Of the listener with TLS where clients show a certificate. */
  readonly tlsAddress: string;
}

/** A broker in a JVM of this machine, from the jars of that directory. */
export const jvmBroker = (jars: string, options: KafkaOptions): Promise<Machine> => startJvm(jars, options);

/** Brokers of one cluster, each of them broker and controller. A majority has to be started before any of them serves. */
export async function jvmBrokers(
  jars: string,
  count: number,
  advertise: (port: number, index: number) => Promise<number>,
): Promise<readonly Machine[]> {
  const controllerPorts: number[] = [];
  while (controllerPorts.length < count) controllerPorts.push(await freePort());
  const clusterId = newClusterId();
  return await Promise.all(
    controllerPorts.map((_, index) =>
      startJvm(jars, { advertise: (port) => advertise(port, index), member: { clusterId, index, controllerPorts } }),
    ),
  );
}

/** The same with TLS, users and access rules. */
export async function secureBroker(jars: string, security: BrokerSecurity): Promise<SecureMachine> {
  const [saslPort, tlsPort] = [await freePort(), await freePort()];
  const machine = await startJvm(jars, { secure: { security, saslPort, tlsPort } });
  return { ...machine, saslAddress: `localhost:${saslPort}`, tlsAddress: `localhost:${tlsPort}` };
}

interface Secure {
  readonly security: BrokerSecurity;
  readonly saslPort: number;
  readonly tlsPort: number;
}

interface JvmOptions extends KafkaOptions {
  readonly secure?: Secure;
  /** Absent: it is the whole cluster. */
  readonly member?: { readonly clusterId: string } & Member;
}

// The first character must not be a dash, which the tool would parse as an option.
const newClusterId = (): string => `A${randomBytes(16).toString('base64url').slice(1)}`;

async function startJvm(jars: string, options: JvmOptions): Promise<Machine> {
  const { keepIn, advertise, secure } = options;
  const member = options.member ?? { clusterId: newClusterId(), index: 0, controllerPorts: [await freePort()] };
  const dir = keepIn ?? (await mkdtemp(join(tmpdir(), 'stampede-kafka-')));
  await mkdir(dir, { recursive: true });
  const properties = join(dir, 'server.properties');
  const port = await freePort();
  const java = (main: string, ...args: string[]) => [
    ...HEAP,
    '-Dorg.apache.logging.log4j.level=WARN',
    ...(secure === undefined
      ? []
      : [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${secure.security.oauth.keysUrl}`]),
    '-cp',
    join(jars, '*'),
    main,
    ...args,
  ];
  const advertisedPort = (await advertise?.(port)) ?? port;
  const place = { dataDir: join(dir, 'data'), port, advertisedPort, member };
  await writeFile(properties, serverProperties({ ...place, ...(secure === undefined ? {} : { secure }) }));
  if (!existsSync(join(dir, 'data', 'meta.properties'))) {
    const format = ['format', '-t', member.clusterId, '-c', properties, ...scram(secure)];
    await promisify(execFile)('java', java('kafka.tools.StorageTool', ...format));
  }

  const address = `127.0.0.1:${advertisedPort}`;
  const server = serverProcess({
    name: 'Kafka',
    program: 'java',
    args: java('kafka.Kafka', properties),
    log: join(dir, 'kafka.log'),
    dir: keepIn === undefined ? dir : undefined,
    readyMs: READY_MS,
    isReady: () => isBrokerReady(address),
  });
  return {
    address,
    pid: server.pid,
    start: server.start,
    isAlive: async () => server.isAlive(),
    kill: server.kill,
    freeze: async () => server.signal('SIGSTOP'),
    thaw: async () => server.signal('SIGCONT'),
    remove: server.stop,
  };
}

/** The users of SCRAM are stored when the data directory is made. */
const scram = (secure: Secure | undefined): readonly string[] =>
  Object.entries(secure?.security.users ?? {}).flatMap(([user, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${user},password=${password}]`,
    ]),
  );
