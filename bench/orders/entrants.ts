import { join } from 'node:path';
import { type Child, startChild, urlLine } from '../support/child.ts';
import { startGroupsOfOne, startSystem } from '../support/system.ts';
import type { Ground } from './ground.ts';

export interface Entrant {
  readonly id: 'bare' | 'stampede' | 'one' | 'transaction';
  readonly label: string;
  /** Of itself alone: a system with groups of one leaves a wide crowd waiting for longer than a lane admits. */
  readonly connectionsMax?: number;
  readonly stores: boolean;
  start(ground: Ground, databaseUrl: string, poolMax: number): Promise<Child>;
}

const contender =
  (file: string): Entrant['start'] =>
  ({ jwtSecret }, databaseUrl, poolMax) => {
    const env = { DATABASE_URL: databaseUrl, JWT_SECRET: jwtSecret, POOL_MAX: String(poolMax) };
    return startChild([process.execPath, join(import.meta.dirname, 'contenders', file)], env, urlLine);
  };
// No client may ask this often; the limit itself is not what is measured.
const env = { STAMPEDE_RATE_LIMIT: 'off' };

export const ENTRANTS: readonly Entrant[] = [
  {
    id: 'bare',
    label: 'Fastify + token check, stores nothing',
    stores: false,
    start: contender('bare.ts'),
  },
  {
    id: 'stampede',
    label: 'Stampede',
    stores: true,
    start: ({ workDir, jwtSecret }, databaseUrl) => startSystem({ workDir, jwtSecret, databaseUrl, env }),
  },
  {
    id: 'one',
    label: 'Stampede, groups of 1',
    connectionsMax: 64,
    stores: true,
    start: ({ workDir, jwtSecret }, databaseUrl) => startGroupsOfOne({ workDir, jwtSecret, databaseUrl, env }),
  },
  {
    id: 'transaction',
    label: 'a transaction per request',
    stores: true,
    start: contender('transaction.ts'),
  },
];
