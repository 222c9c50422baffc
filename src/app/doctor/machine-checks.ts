import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fsyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { Settings } from '../config.ts';
import { readPidFile } from '../local/pid-file.ts';
import { type Check, type Finding, fail, ok, type Subject, warn } from './finding.ts';

const NODE_MAJOR = 24;
/** Each connection of a client is an open file, and so is each to PostgreSQL. */
const FILES_MIN = 4_096;
const MB = 1_000_000;
const FREE_WARN_MB = 1_000;
const FREE_FAIL_MB = 100;
const FSYNCS = 20;
const FSYNC_WARN_MS = 20;

/** What the machine gives to the process. */
export const MACHINE_CHECKS: readonly Check[] = [
  { name: 'Node', run: () => [nodeVersion(process.versions.node)] },
  { name: 'ports', run: ports },
  { name: 'open files', run: () => openFiles(softLimit()) },
  { name: 'disk', run: ({ settings }) => disk(settings) },
];

export function nodeVersion(version: string): Finding {
  if (Number.parseInt(version, 10) >= NODE_MAJOR) return ok(`version ${version}`);
  return fail(`Node ${version} is too old. Install Node ${NODE_MAJOR} or later.`);
}

async function ports({ settings, target }: Subject): Promise<readonly Finding[]> {
  const { host, port, metricsPort, services, dataDir } = settings;
  if (readPidFile(dataDir) !== undefined) return [ok('a server runs on the data directory, and has them')];
  const wanted: readonly (readonly [variable: string, host: string, port: number])[] = [
    ['PORT', host, port],
    ...(metricsPort === undefined ? [] : [['METRICS_PORT', host, metricsPort] as const]),
    ...(target.isComplete ? [] : [['GRPC_PORT', services.grpcHost, services.grpcPort] as const]),
  ];
  const findings: Finding[] = [];
  for (const [variable, address, number] of wanted) {
    const code = await refusalOf(address, number);
    if (code !== undefined)
      findings.push(
        fail(
          `Port ${number} of ${address} cannot be listened on (${code}). Stop what has it, or set ${variable} to a free one.`,
        ),
      );
  }
  return findings.length > 0 ? findings : [ok('free')];
}

/** The code of the error with which the port is refused. Undefined: it is free. */
async function refusalOf(host: string, port: number): Promise<string | undefined> {
  const probe = createServer().listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'refused';
  }
  probe.close();
  await once(probe, 'close');
  return undefined;
}

export function openFiles(limit: number | undefined): readonly Finding[] {
  if (limit === undefined) return [];
  const text = `this process may have ${limit === Number.POSITIVE_INFINITY ? 'any number of' : limit} open files`;
  if (limit >= FILES_MIN) return [ok(text)];
  return [
    warn(
      `${text}, and each connection is one. Raise the limit (ulimit -n, LimitNOFILE of systemd) to ${FILES_MIN} or more.`,
    ),
  ];
}

/** The limit of open files that this process inherited. Undefined where no shell reports it. */
function softLimit(): number | undefined {
  try {
    const text = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
    return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
  } catch {
    return undefined;
  }
}

/** Of the embedded PostgreSQL. That of a PostgreSQL elsewhere is not to be seen from here. */
function disk({ databaseUrl, dataDir }: Settings): readonly Finding[] {
  if (databaseUrl !== undefined) return [];
  let place = existsSync(join(dataDir, 'postgres')) ? join(dataDir, 'postgres') : dataDir;
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  return [freeSpace(place, (bavail * bsize) / MB), syncTime(medianSyncMs(existsSync(dataDir) ? dataDir : place))];
}

export function freeSpace(place: string, freeMb: number): Finding {
  const text = `${Math.floor(freeMb).toLocaleString('en')} MB are free at ${place}`;
  if (freeMb >= FREE_WARN_MB) return ok(text);
  const advised = `${text}. Free some, or set STAMPEDE_DATA_DIR to another disk.`;
  return freeMb < FREE_FAIL_MB ? fail(advised) : warn(advised);
}

/** A COMMIT waits so long for the disk. */
export function syncTime(medianMs: number): Finding {
  const text = `a write reaches the disk in ${medianMs.toFixed(1)} ms (fsync, median of ${FSYNCS})`;
  if (medianMs <= FSYNC_WARN_MS) return ok(text);
  return warn(`${text}: each batch waits for it. Put the data directory on a local disk that is faster.`);
}

/** Writes pages to a file of its own in the directory, and removes it. */
function medianSyncMs(directory: string): number {
  const scratch = mkdtempSync(join(directory, 'doctor-'));
  try {
    const file = openSync(join(scratch, 'page'), 'w');
    try {
      const page = Buffer.alloc(8_192, 1);
      const times = Array.from({ length: FSYNCS }, () => {
        const startedMs = performance.now();
        writeSync(file, page);
        fsyncSync(file);
        return performance.now() - startedMs;
      });
      return times.toSorted((a, b) => a - b)[FSYNCS / 2] ?? 0;
    } finally {
      closeSync(file);
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
