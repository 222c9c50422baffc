import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from '../../../src/platform/processes.ts';
import { freezeTree } from '../../support/process-tree.ts';
import type { ClusterPart, LoadName } from './parts.ts';
import { pidsOf } from './parts.ts';
import type { Session, SessionKind } from './session.ts';

/** Longer than every timeout of a command, and than the lease of a process in etcd. */
const HELD_MS = 30_000;
const SLOW_ROUND_TRIP_MS = 200;
const WRONG_CLOCK_MS = 11 * 60_000;

export interface ClusterFault {
  readonly name: string;
  /** The kind of cluster in which it is possible. */
  readonly session: SessionKind;
  appliesTo(part: ClusterPart, load: LoadName): boolean;
  /** Begins it, and returns what ends it. */
  begin(session: Session, part: ClusterPart): Promise<() => void>;
  /** How long it lasts. 0: it is an event, from which recovery counts. */
  readonly heldMs: number;
}

const always = (): boolean => true;
/** PostgreSQL's clock decides: when it goes forward by 11 minutes, into the fault or out of it, every order that waits for its payment has expired. */
const canBeWrong = ({ clock }: ClusterPart, load: LoadName): boolean =>
  clock !== undefined && !(clock === 'postgres' && load === 'checkout');
const onEveryProcess = (session: Session, part: ClusterPart, work: (pid: number) => void): void => {
  const pids = pidsOf(session.cluster, part);
  if (pids.length < part.processes.length) throw new Error(`${part.name} does not run`);
  for (const pid of pids) work(pid);
};

export const CLUSTER_FAULTS: readonly ClusterFault[] = [
  {
    name: 'killed',
    session: 'plain',
    appliesTo: always,
    heldMs: 0,
    async begin(session, part) {
      onEveryProcess(session, part, (pid) => void signal(pid, 'SIGKILL'));
      return () => {};
    },
  },
  {
    name: 'frozen',
    session: 'plain',
    appliesTo: always,
    heldMs: HELD_MS,
    async begin(session, part) {
      const thaws: (() => void)[] = [];
      onEveryProcess(session, part, (pid) => void thaws.push(freezeTree(pid)));
      return () => {
        for (const thaw of thaws) thaw();
      };
    },
  },
  {
    name: 'partitioned',
    session: 'wired',
    appliesTo: always,
    heldMs: HELD_MS,
    begin: async (session, part) => wiresAre(session, part, 'silent'),
  },
  {
    name: 'slowed',
    session: 'wired',
    appliesTo: always,
    heldMs: HELD_MS,
    begin: async (session, part) => wiresAre(session, part, { delayMs: SLOW_ROUND_TRIP_MS / 2 }),
  },
  {
    name: 'disk full',
    session: 'small disks',
    appliesTo: ({ disk }) => disk !== undefined,
    heldMs: HELD_MS,
    async begin({ cluster }, { disk = '' }) {
      const ballast = join(cluster.dataDir, disk, 'ballast');
      fill(ballast);
      const filling = setInterval(() => fill(ballast), 200);
      return () => {
        clearInterval(filling);
        rmSync(ballast);
      };
    },
  },
  {
    name: 'clock ahead',
    session: 'clocks',
    appliesTo: canBeWrong,
    heldMs: HELD_MS,
    async begin(session, part) {
      session.setClock(part, WRONG_CLOCK_MS);
      return () => session.setClock(part, 0);
    },
  },
  {
    name: 'clock behind',
    session: 'clocks',
    appliesTo: canBeWrong,
    heldMs: HELD_MS,
    async begin(session, part) {
      session.setClock(part, -WRONG_CLOCK_MS);
      return () => session.setClock(part, 0);
    },
  },
];

function wiresAre(session: Session, { processes }: ClusterPart, state: Parameters<Session['setWire']>[1]): () => void {
  for (const name of processes) session.setWire(name, state);
  return () => {
    for (const name of processes) session.setWire(name, 'open');
  };
}

const BLOCK = Buffer.alloc(256 * 1024);

/** Appends to the file until the disk takes no more. */
function fill(file: string): void {
  for (let bytes = BLOCK.length; bytes >= 512; ) {
    try {
      writeFileSync(file, BLOCK.subarray(0, bytes), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      bytes /= 2;
    }
  }
}

/** Waits until the fault has lasted for its time. */
export const held = ({ heldMs }: ClusterFault): Promise<void> => sleep(heldMs);
