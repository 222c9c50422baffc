import { setTimeout as sleep } from 'node:timers/promises';
import type { Stand } from './stand.ts';

const FROZEN_MS = 5_000;
/** Longer than every timeout of a command. */
const LONG_FROZEN_MS = 30_000;

/** What may happen to a running system, each with its end: when it has passed, everything is there again. */
export const FAULTS: Readonly<Record<string, (stand: Stand) => Promise<void>>> = {
  'kill -9 of a server': (stand) => stand.nodes[0].killAndRestart(),

  // PostgreSQL treats the death of one backend as a crash: it ends all sessions and recovers.
  'kill -9 of a PostgreSQL backend': async (stand) => {
    process.kill(await busiestBackend(stand), 'SIGKILL');
    await answersAgain(stand);
  },

  'kill -9 of PostgreSQL': async (stand) => {
    process.kill(stand.postgresPid(), 'SIGKILL');
    await answersAgain(stand);
  },

  'SIGSTOP of a server for 5 s': (stand) => freeze(stand.nodes[1].pid(), FROZEN_MS),
};

/** For the long form. */
export const LONG_FAULTS: typeof FAULTS = {
  'SIGSTOP of a server for 30 s': (stand) => freeze(stand.nodes[1].pid(), LONG_FROZEN_MS),
  // It holds the lock of the policy, or is about to take it.
  'SIGSTOP of a PostgreSQL backend for 30 s': async (stand) => freeze(await busiestBackend(stand), LONG_FROZEN_MS),
};

async function freeze(pid: number, ms: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await sleep(ms);
  process.kill(pid, 'SIGCONT');
}

async function busiestBackend(stand: Stand): Promise<number> {
  const busiest = `select pid from pg_stat_activity where application_name = 'stampede-lane'
    order by state = 'idle', query_start desc limit 1`;
  const [backend] = await stand.query<{ pid: number }>('coupon', busiest);
  if (!backend) throw new Error('no session of a batcher');
  return backend.pid;
}

/** All of it at once; PostgreSQL itself dies when it is just back from the death of a backend. */
export async function everything(stand: Stand): Promise<void> {
  const backendThenPostgres = async () => {
    await FAULTS['kill -9 of a PostgreSQL backend']?.(stand);
    await FAULTS['kill -9 of PostgreSQL']?.(stand);
  };
  await Promise.all([
    FAULTS['kill -9 of a server']?.(stand),
    FAULTS['SIGSTOP of a server for 5 s']?.(stand),
    backendThenPostgres(),
  ]);
}

async function answersAgain(stand: Stand): Promise<void> {
  await sleep(100);
  for (let turns = 0; turns < 300; turns++) {
    const answered = await stand.query('coupon', 'select 1').then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  throw new Error('PostgreSQL did not come back');
}
