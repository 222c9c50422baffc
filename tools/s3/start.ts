import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3mini } from 's3mini';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { findWeed } from './program.ts';

const READY_MS = 30_000;
const ATTEMPTS = 3;
const LOG_CHARS = 2_000;
const KEY = { accessKeyId: 'stampede-test', secretAccessKey: 'stampede-test-secret' };

/**
 * Runs the server beside a shell that waits for the end of its own input, then kills it and removes its data: however the caller ends, its
 * server ends with it. Arguments: the directory, then the command.
 */
const GUARD =
  'dir=$1; shift; exec 3<&0; "$@" </dev/null >>"$dir/weed.log" 2>&1 3<&- & cat <&3 >/dev/null; kill -9 $!; wait; rm -rf "$dir"';

/** A server that speaks the protocol of S3: one process on free ports of 127.0.0.1. */
export interface S3Server {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Kills it and removes its data. */
  stop(): void;
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
  const guard = spawn('sh', ['-c', GUARD, 's3', dir, weed, ...server, ...settings], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // The tests end when they are done, whether or not the server was stopped.
  guard.unref();
  const stop = (): void => void guard.stdin.end();
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await untilServing(endpoint);
  } catch (error) {
    const said = readFileSync(join(dir, 'weed.log'), 'utf8').slice(-LOG_CHARS);
    stop();
    throw new Error(`SeaweedFS does not serve:\n${said}`, { cause: error });
  }
  return { endpoint, ...KEY, stop };
}

/** Until it stores an object: it responds before it has a volume for one. */
async function untilServing(endpoint: string): Promise<void> {
  const client = new S3mini({
    endpoint: `${endpoint}/ready`,
    ...KEY,
    region: 'us-east-1',
    requestAbortTimeout: READY_MS,
  });
  const until = performance.now() + READY_MS;
  for (;;) {
    try {
      await client.createBucket();
      await client.putObject('ready', 'ready');
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await sleep(200);
  }
}
