import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3mini } from 's3mini';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { startServerProcess } from '../server-process.ts';
import { findWeed } from './program.ts';

const READY_MS = 30_000;
const ATTEMPTS = 3;
const KEY = { accessKeyId: 'stampede-test', secretAccessKey: 'stampede-test-secret' };

/** A server that speaks the protocol of S3: one process on free ports of 127.0.0.1. */
export interface S3Server {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Kills it and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts SeaweedFS. Resolves when it serves.
 * @throws NoS3 when this machine has neither `weed` nor pip
 */
export async function startS3(): Promise<S3Server> {
  const weed = await findWeed();
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnFreePorts(weed);
    } catch (error) {
      // Another process may have taken one of the ports meanwhile.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnFreePorts(weed: string): Promise<S3Server> {
  const dir = await mkdtemp(join(tmpdir(), 'stampede-s3-'));
  const config = join(dir, 's3.json');
  const credentials = [{ accessKey: KEY.accessKeyId, secretKey: KEY.secretAccessKey }];
  await writeFile(
    config,
    JSON.stringify({ identities: [{ name: 'test', credentials, actions: ['Admin', 'Read', 'Write', 'List'] }] }),
  );
  const port = await freePort();
  const ports = await Promise.all(
    [
      'master.port',
      'master.port.grpc',
      'volume.port',
      'volume.port.grpc',
      'filer.port',
      'filer.port.grpc',
      's3.port.grpc',
    ].map(async (name) => `-${name}=${await freePort()}`),
  );
  const server = ['server', `-dir=${dir}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', '-s3', `-s3.config=${config}`];
  const settings = [
    `-s3.port=${port}`,
    '-s3.port.iceberg=0',
    // It has a fixed port by default, so that only one server could run on a machine.
    '-s3.port.lance=0',
    '-volume.max=500',
    '-master.volumeSizeLimitMB=16',
    ...ports,
  ];
  const endpoint = `http://127.0.0.1:${port}`;
  const { stop } = await startServerProcess({
    name: 'SeaweedFS',
    program: weed,
    args: [...server, ...settings],
    log: join(dir, 'weed.log'),
    dir,
    readyMs: READY_MS,
    isReady: () => storesObjects(endpoint),
  });
  return { endpoint, ...KEY, stop };
}

/** It responds before it has a volume for an object. */
async function storesObjects(endpoint: string): Promise<boolean> {
  const client = new S3mini({
    endpoint: `${endpoint}/ready`,
    ...KEY,
    region: 'us-east-1',
    requestAbortTimeout: READY_MS,
  });
  try {
    await client.createBucket();
    await client.putObject('ready', 'ready');
    return true;
  } catch {
    return false;
  }
}
