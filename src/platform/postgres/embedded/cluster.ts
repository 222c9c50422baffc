import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from '../../kernel/start-error.ts';
import { spawnAs } from './account.ts';
import { initdbOf } from './binaries.ts';
import type { Place } from './place.ts';

export const SUPERUSER = 'postgres';

/**
 * Creates the cluster when there is none: scram passwords, UTF-8, the builtin C.UTF-8 locale (its order never changes
 * with an operating system's update, so no index is ever silently out of order). A start that was cut off half way
 * leaves a directory aside, never half a cluster.
 * @throws StartError with initdb's reason, such as a full disk.
 */
export async function ensureCluster(place: Place, superuserPassword: string): Promise<void> {
  if (existsSync(join(place.cluster, 'PG_VERSION'))) return;
  const aside = `${place.cluster}.new`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { mode: 0o700 });
  const secret = mkdtempSync(join(tmpdir(), 'stampede-init-'));
  const passwordFile = join(secret, 'password');
  try {
    writeFileSync(passwordFile, superuserPassword, { mode: 0o600 });
    giveTo(place, aside, secret, passwordFile);
    await initdb(place, aside, passwordFile);
    renameSync(aside, place.cluster);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }
}

/** No change when PostgreSQL runs as the present user. */
export function giveTo(place: Place, ...paths: readonly string[]): void {
  if (place.account === undefined) return;
  for (const path of paths) chownSync(path, place.account.uid, place.account.gid);
}

async function initdb(place: Place, directory: string, passwordFile: string): Promise<void> {
  const child = spawn(
    initdbOf(place.binaries),
    [
      ...['-D', directory, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'],
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-instructions'],
    ],
    { ...spawnAs(place.account), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code === 0) return;
  const reason = complaint.split('\n').find((line) => /error|fatal|could not/i.test(line)) ?? complaint.split('\n')[0];
  const advice = /space|quota/i.test(complaint)
    ? 'Free some disk space'
    : 'See that it can be written, or set STAMPEDE_DATA_DIR to another directory,';
  throw new StartError(
    `PostgreSQL could not create its data in ${place.cluster}: ${reason?.replace(/^.*?(FATAL|PANIC|ERROR|error):\s*/, '').trim()}. ${advice} and start again.`,
  );
}
