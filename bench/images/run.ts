/**
 * What does an uploaded image cost at each reading? From a directory, from a bucket, from a caching proxy in front of either, and as a revalidation that returns
 * 304: requests a second, p99, bytes and CPU of each process. Then the CPU and bytes of encoding an upload as WebP and as AVIF.
 */
import { rm, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { directoryFileStore } from '../../src/platform/files/directory-file-store.ts';
import { s3FileStore } from '../../src/platform/files/s3-file-store.ts';
import { listProcesses } from '../../src/platform/processes.ts';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { testS3 } from '../../test/support/s3.ts';
import { closeOnSignal, stopChildren } from '../support/child.ts';
import { cpuOf, cpuOfChildren } from '../support/cpu.ts';
import { describeMachine } from '../support/machine.ts';
import { onFreshDatabase } from '../support/postgres.ts';
import { rotated } from '../support/rotated.ts';
import { spreadOf } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';
import { runWrk } from '../support/wrk.ts';
import { measureEncoding } from './encoding.ts';
import { filesOf } from './pictures.ts';
import { startProxy } from './proxy.ts';

const JWT_SECRET = 'bench-images-bench-images-bench-images';
const CONNECTIONS = 32;
const IMAGES = 8;
const WARM_UP_SECONDS = 1;
const SCRIPT = join(import.meta.dirname, 'load.lua');
const OUT = join(import.meta.dirname, '../../docs/bench/images.json');
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    uploads: { type: 'string', default: '4' },
  },
});

interface Way {
  readonly name: string;
  readonly url: string;
  readonly paths: readonly string[];
  /** Seconds of CPU until now, by process. */
  readonly cpu: () => Readonly<Record<string, number>>;
}
interface Taken {
  readonly way: string;
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Milliseconds of CPU for 1,000 requests, by process. */
  readonly cpu: Readonly<Record<string, number>>;
}

closeOnSignal(async () => {});
await onFreshDatabase('images', async (databaseUrl) => {
  const workDir = openTemporaryDir('stampede-bench-images-');
  try {
    await run(databaseUrl, workDir);
  } finally {
    await stopChildren();
    await rm(workDir, { recursive: true, force: true });
  }
});

async function run(databaseUrl: string, workDir: string): Promise<void> {
  const loadBefore = loadavg()[0] ?? Number.NaN;
  const bucket = await (await testS3())?.newBucket();
  if (bucket === undefined) throw new Error('there is no S3 server on this machine: see CONTRIBUTING.md');
  const { settings } = bucket;
  const directory = join(workDir, 'files');
  const files = await filesOf(IMAGES);
  for (const store of [directoryFileStore(directory), s3FileStore(settings)])
    for (const [name, content] of files) await store.put(name, content);
  const common = { databaseUrl, jwtSecret: JWT_SECRET, workDir };
  const ofDirectory = await startSystem({ ...common, env: { LOG_LEVEL: 'error', FILES_DIRECTORY: directory } });
  const ofBucket = await startSystem({
    ...common,
    env: {
      LOG_LEVEL: 'error',
      FILES_S3_BUCKET: settings.bucket,
      FILES_S3_REGION: settings.region,
      FILES_S3_ENDPOINT: settings.endpoint,
      FILES_S3_PATH_STYLE: 'on',
      FILES_S3_ACCESS_KEY_ID: settings.accessKeyId,
      FILES_S3_SECRET_ACCESS_KEY: settings.secretAccessKey,
    },
  });
  const proxy = await startProxy(ofBucket.url, workDir);
  const port = new URL(settings.endpoint).port;
  const s3 = listProcesses().filter(({ command }) => command.includes('weed') && command.includes(port));
  const cpuOfS3 = () => s3.reduce((sum, { pid }) => sum + (cpuOf(pid) ?? 0), 0);
  const paths = [...files.keys()].map((name) => `/files/${name}`);
  const program = (pid: number) => cpuOf(pid) ?? 0;
  const ways: readonly Way[] = [
    { name: 'directory', url: ofDirectory.url, paths, cpu: () => ({ program: program(ofDirectory.pid) }) },
    {
      name: 'directory, revalidated',
      url: ofDirectory.url,
      paths: paths.map((path) => `etag ${path}`),
      cpu: () => ({ program: program(ofDirectory.pid) }),
    },
    { name: 'bucket', url: ofBucket.url, paths, cpu: () => ({ program: program(ofBucket.pid), s3: cpuOfS3() }) },
    {
      name: 'proxy before the bucket',
      url: proxy.url,
      paths,
      cpu: () => ({ program: program(ofBucket.pid), s3: cpuOfS3(), proxy: cpuOfChildren(proxy.pid) ?? 0 }),
    },
  ];
  for (const path of paths) await fetch(`${proxy.url}${path}`).then((response) => response.arrayBuffer());
  const cached = await fetch(`${proxy.url}${paths[0]}`);
  if (cached.headers.get('x-cache') !== 'HIT') throw new Error('the proxy does not keep images');
  const taken: Taken[] = [];
  for (let round = 0; round < Number(values.rounds); round++)
    for (const way of rotated(ways, round)) taken.push(await measure(way));
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0) / files.size;
  const rows = ways.map(({ name }) => rowOf(name, taken));
  const encoding = await measureEncoding(Number(values.uploads));
  console.table(
    rows.map(({ way, perSecond, p99Ms, cpuMs }) => ({ way, perSecond: perSecond.median, p99Ms, ...cpuMs })),
  );
  console.table(encoding);
  const machine = await describeMachine(databaseUrl, 'wrk', undefined);
  const about = { ranAt: new Date().toISOString(), machine, loadBefore, connections: CONNECTIONS, bytes };
  await writeFile(OUT, `${JSON.stringify({ ...about, rounds: Number(values.rounds), rows, encoding }, null, 2)}\n`);
}

async function measure({ name, url, paths, cpu }: Way): Promise<Taken> {
  const load = { url, connections: CONNECTIONS, script: SCRIPT, args: paths };
  await runWrk({ ...load, seconds: WARM_UP_SECONDS });
  const before = cpu();
  const { perSecond, p99Ms, requests, faults } = await runWrk({ ...load, seconds: Number(values.seconds) });
  if (faults > 0) throw new Error(`${name}: ${faults} requests failed`);
  const after = Object.entries(cpu());
  const used = after.map(([part, seconds]) => [part, ((seconds - (before[part] ?? 0)) * 1e6) / requests]);
  return { way: name, perSecond, p99Ms, cpu: Object.fromEntries(used) };
}

function rowOf(way: string, taken: readonly Taken[]) {
  const own = taken.filter((each) => each.way === way);
  const medianOf = (figure: (each: Taken) => number) => spreadOf(own.map(figure)).median;
  const parts = Object.keys(own[0]?.cpu ?? {});
  return {
    way,
    perSecond: spreadOf(own.map((each) => each.perSecond)),
    p99Ms: medianOf((each) => each.p99Ms),
    /** For 1,000 requests. */
    cpuMs: Object.fromEntries(parts.map((part) => [part, medianOf((each) => each.cpu[part] ?? 0)])),
  };
}
