import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { untilReady } from '../server-process.ts';
import type { Machine } from './machine.ts';
import { isBrokerReady, READY_MS } from './ready.ts';

const IMAGE = 'apache/kafka:4.3.1';

const docker = async (...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)('docker', args);
  return stdout.trim();
};

/** Returns whether a Docker daemon responds. */
export const hasDocker = (): Promise<boolean> =>
  docker('info', '--format', '{{.ServerVersion}}').then(
    () => true,
    () => false,
  );

/** A broker in a container, reached by a port of 127.0.0.1. The image listens on all addresses and advertises this one. */
export async function dockerBroker(): Promise<Machine> {
  const port = await freePort();
  const settings = {
    KAFKA_NODE_ID: 1,
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: 1,
    KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: 1,
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: 1,
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: 1,
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: 0,
    KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: 500,
  };
  const env = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const id = await docker('create', '-p', `127.0.0.1:${port}:${port}`, ...env, IMAGE);
  const quietly = (...args: string[]) =>
    docker(...args).then(
      () => undefined,
      () => undefined,
    );
  const address = `127.0.0.1:${port}`;
  const isAlive = async (): Promise<boolean> => (await docker('inspect', '-f', '{{.State.Running}}', id)) === 'true';
  return {
    address,
    async start() {
      await docker('start', id);
      await untilReady({
        name: 'Kafka',
        readyMs: READY_MS,
        isReady: () => isBrokerReady(address),
        isAlive,
        printed: () => docker('logs', '--tail', '20', id),
      });
    },
    isAlive,
    kill: () => quietly('kill', id),
    freeze: async () => void (await docker('pause', id)),
    thaw: async () => void (await docker('unpause', id)),
    remove: () => quietly('rm', '-f', '-v', id),
  };
}
