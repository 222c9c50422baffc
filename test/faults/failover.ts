import { setTimeout as sleep } from 'node:timers/promises';
import { type ReplicatedPostgres, replicatedPostgres } from '../support/replicated-postgres.ts';
import { type Environments, openStand, type Stand } from './stand.ts';

/** How long a cluster manager needs to detect that the primary is gone. */
const NOTICED_AFTER_MS = 1_000;

/** Two servers that know both hosts of a primary with a synchronous standby. */
export async function openReplicatedStand(environments?: Environments): Promise<[ReplicatedPostgres, Stand]> {
  const postgres = await replicatedPostgres();
  try {
    return [postgres, await openStand(environments, postgres)];
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** The primary is destroyed with its files, and the standby takes its place. */
export async function failOver(postgres: ReplicatedPostgres): Promise<void> {
  await postgres.destroyPrimary();
  await sleep(NOTICED_AFTER_MS);
  await postgres.promote();
}
