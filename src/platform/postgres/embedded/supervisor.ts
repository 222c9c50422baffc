import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from '../../processes.ts';
import { clearOrphans } from './orphans.ts';
import { endBy, type Launch, launch } from './process.ts';

export interface Supervised {
  pid(): number | undefined;
  stop(): Promise<void>;
}

export interface Watcher {
  /** PostgreSQL ended by itself, or is back again. */
  readonly onEvent: (message: string) => void;
  /** Called when PostgreSQL cannot be restarted. */
  readonly onFatal: (error: Error) => void;
}

/** A fast shutdown lets go of everything at once and writes a checkpoint; what that cannot do in time, recovery does. */
const STOP_STEPS = [
  ['SIGINT', 3_000],
  ['SIGQUIT', 1_000],
  ['SIGKILL', 500],
] as const;
const REVIVALS_MAX = 5;

/** Starts PostgreSQL and, when it dies, starts it again on the same port and socket, so that pools just reconnect. */
export async function supervise(options: Launch, clusterName: string, watcher: Watcher): Promise<Supervised> {
  let stopping = false;
  let reviving: Promise<void> | undefined;
  await clearOrphans(options.place.cluster, clusterName);
  let child = watch(await launch(options));

  function watch(started: ChildProcess): ChildProcess {
    started.once('exit', (code, by) => {
      if (stopping) return;
      watcher.onEvent(`PostgreSQL ended (${by ?? `exit code ${code}`}); starting it again`);
      reviving = revive().catch((error: Error) => watcher.onFatal(error));
    });
    return started;
  }

  async function revive(): Promise<void> {
    for (let attempt = 1; !stopping; attempt++) {
      try {
        await clearOrphans(options.place.cluster, clusterName);
        child = watch(await launch(options));
        watcher.onEvent('PostgreSQL is back');
        return;
      } catch (error) {
        if (attempt === REVIVALS_MAX) throw error;
        await sleep(attempt * 500);
      }
    }
  }

  // A crash of this process must not leave PostgreSQL behind where that can be helped.
  const lastWill = () => {
    if (child.pid !== undefined) signal(child.pid, 'SIGINT');
  };
  process.once('exit', lastWill);
  return {
    pid: () => child.pid,
    async stop() {
      stopping = true;
      process.off('exit', lastWill);
      await reviving;
      await endBy(child, STOP_STEPS);
    },
  };
}
