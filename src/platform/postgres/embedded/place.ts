import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Account, canUse } from './account.ts';
import { type Binaries, postgresOf } from './binaries.ts';

/** The place for root's cluster when its unprivileged account cannot reach the data directory, such as one under /root (0700). */
const ELSEWHERE = '/var/lib/stampede';

/** The directory of a cluster, and the account and binaries that run it. */
export interface Place {
  readonly account: Account | undefined;
  readonly binaries: Binaries;
  /** Of the cluster; real, without symbolic links. May not exist yet; the directory around it does. */
  readonly cluster: string;
}

/**
 * Decides the directory of the cluster: `<dataDir>/postgres`, or, when the account cannot reach that, a directory of its own
 * under /var/lib/stampede with `<dataDir>/postgres` a symbolic link to it. Binaries out of reach are copied likewise.
 */
export function choosePlace(dataDir: string, account: Account | undefined, binaries: Binaries): Place {
  const reachable = binariesWithinReach(account, binaries);
  const link = join(dataDir, 'postgres');
  if (existsSync(link)) return { account, binaries: reachable, cluster: realpathSync(link) };
  if (reaches(account, dataDir))
    return { account, binaries: reachable, cluster: join(realpathSync(dataDir), 'postgres') };
  const home = join(ELSEWHERE, randomBytes(6).toString('hex'));
  mkdirSync(home, { recursive: true, mode: 0o711 });
  openToAll(ELSEWHERE, home);
  // Only a new data directory gets here, or one whose link points nowhere since its cluster was removed.
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) renameSync(link, `${link}.broken-${Date.now()}`);
  const cluster = join(home, 'postgres');
  symlinkSync(cluster, link);
  return { account, binaries: reachable, cluster };
}

function reaches(account: Account | undefined, dataDir: string): boolean {
  if (account === undefined) return true;
  const probe = join(dataDir, `probe-${process.pid}`);
  mkdirSync(probe, { mode: 0o700 });
  chownSync(probe, account.uid, account.gid);
  const answer = canUse(account, { write: probe });
  rmdirSync(probe);
  return answer;
}

function binariesWithinReach(account: Account | undefined, binaries: Binaries): Binaries {
  if (account === undefined || canUse(account, { run: postgresOf(binaries) })) return binaries;
  const copy = { ...binaries, root: join(ELSEWHERE, `binaries-${binaries.version}`) };
  if (existsSync(copy.root)) return copy;
  // Copied aside, then renamed: another start never sees half of it.
  const aside = `${copy.root}.${process.pid}`;
  mkdirSync(ELSEWHERE, { recursive: true, mode: 0o711 });
  openToAll(ELSEWHERE);
  cpSync(binaries.root, aside, { recursive: true, verbatimSymlinks: true });
  renameSync(aside, copy.root);
  return copy;
}

/** Sets the mode explicitly: the umask reduces mkdir's mode, and may be 077 here. */
function openToAll(...directories: readonly string[]): void {
  for (const directory of directories) chmodSync(directory, 0o711);
}
