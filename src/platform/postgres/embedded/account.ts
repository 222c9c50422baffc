import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { StartError } from '../../kernel/start-error.ts';

/** Whom PostgreSQL runs as. PostgreSQL refuses to run as root, so root starts it under an unprivileged account. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const CREATED = 'stampede';

/**
 * Returns the account that runs PostgreSQL. Undefined: the current user. Otherwise the owner of the existing cluster, else `postgres`, else
 * a system account that this creates, else `nobody`.
 */
export function chooseAccount(cluster: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = statSync(cluster, { throwIfNoEntry: false });
  if (existing !== undefined && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const found = lookUp('postgres') ?? lookUp(CREATED) ?? create() ?? lookUp('nobody');
  if (found === undefined) {
    throw new StartError(
      'PostgreSQL does not run as root, and there is no other account. Create one: useradd --system stampede',
    );
  }
  return found;
}

/** The spawn options for that account. `cwd` is a directory that every account may enter; the current one may be closed to it. */
export const spawnAs = (account: Account | undefined) =>
  account === undefined ? { cwd: '/' } : { cwd: '/', uid: account.uid, gid: account.gid };

/** Returns whether the account may write the directory and run the program. The kernel checks it, in a process of that account. */
export function canUse(
  account: Account | undefined,
  paths: { readonly write?: string; readonly run?: string },
): boolean {
  const { write = '/', run = '/bin/sh' } = paths;
  const test = write === '/' ? 'test -x "$2"' : 'test -w "$1" && test -x "$1" && test -x "$2"';
  return spawnSync('/bin/sh', ['-c', test, 'sh', write, run], spawnAs(account)).status === 0;
}

function lookUp(name: string): Account | undefined {
  const line = passwd().find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

function passwd(): readonly string[] {
  try {
    return readFileSync('/etc/passwd', 'utf8').split('\n');
  } catch {
    return []; // an image without accounts
  }
}

function create(): Account | undefined {
  try {
    execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', CREATED], {
      stdio: 'ignore',
    });
  } catch {
    return undefined; // no such tool, or a read-only /etc
  }
  return lookUp(CREATED);
}
