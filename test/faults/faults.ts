import { setTimeout as sleep } from 'node:timers/promises';
import type { Stand } from './stand.ts';

const FROZEN_MS = 5_000;

/** What may happen to a running system, each with its end: when it has passed, everything is there again. */
export const FAULTS: Readonly<Record<string, (stand: Stand) => Promise<void>>> = {
  'kill -9 of a server': (stand) => stand.nodes[0].killAndRestart(),

  // PostgreSQL takes the death of one backend for a crash: it ends all sessions and recovers.
  'kill -9 of a PostgreSQL backend': async (stand) => {
    const busiest = `select pid from pg_stat_activity where application_name = 'stampede-lane'
      order by state = 'idle', query_start desc limit 1`;
    const [backend] = await stand.query<{ pid: number }>(busiest);
    if (!backend) throw new Error('no session of a lane');
    process.kill(backend.pid, 'SIGKILL');
    await answersAgain(stand);
  },

  'kill -9 of PostgreSQL': async (stand) => {
    process.kill(stand.postgresPid(), 'SIGKILL');
    await answersAgain(stand);
  },

  'SIGSTOP of a server for 5 s': async (stand) => {
    const pid = stand.nodes[1].pid();
    process.kill(pid, 'SIGSTOP');
    await sleep(FROZEN_MS);
    process.kill(pid, 'SIGCONT');
  },
};

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
    const answered = await stand.query('select 1').then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  throw new Error('PostgreSQL did not come back');
}
