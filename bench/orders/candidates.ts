import { join } from 'node:path';
import { type Child, startChild, urlLine } from '../support/child.ts';
import { startBatchesOfOne, startSystem } from '../support/system.ts';
import type { Fixture } from './fixture.ts';

export interface Candidate {
  readonly id: 'bare' | 'stampede' | 'other' | 'one' | 'transaction';
  readonly label: string;
  /** Of itself alone: a system with batches of one leaves many clients waiting for longer than a batcher admits. */
  readonly connectionsMax?: number;
  readonly stores: boolean;
  /** The bundle that migrates its database, when it is not this checkout's. */
  readonly main?: string;
  start(fixture: Fixture, databaseUrl: string, poolMax: number): Promise<Child>;
}

const baseline =
  (file: string): Candidate['start'] =>
  ({ jwtSecret }, databaseUrl, poolMax) => {
    const env = { DATABASE_URL: databaseUrl, JWT_SECRET: jwtSecret, POOL_MAX: String(poolMax) };
    return startChild([process.execPath, join(import.meta.dirname, 'baselines', file)], env, urlLine);
  };
// The rate limit would refuse so many requests, and is not what is measured.
const env = { STAMPEDE_RATE_LIMIT: 'off' };

export const CANDIDATES: readonly Candidate[] = [
  {
    id: 'bare',
    label: 'Fastify + token check, stores nothing',
    stores: false,
    start: baseline('bare.ts'),
  },
  {
    id: 'stampede',
    label: 'Stampede',
    stores: true,
    start: ({ workDir, jwtSecret }, databaseUrl) => startSystem({ workDir, jwtSecret, databaseUrl, env }),
  },
  {
    id: 'one',
    label: 'Stampede, batches of 1',
    connectionsMax: 64,
    stores: true,
    start: ({ workDir, jwtSecret }, databaseUrl) => startBatchesOfOne({ workDir, jwtSecret, databaseUrl, env }),
  },
  {
    id: 'transaction',
    label: 'a transaction per request',
    stores: true,
    start: baseline('transaction.ts'),
  },
];

/** Another build of this system, for a comparison of the two in one run. */
export const otherBuild = (main: string): Candidate => ({
  id: 'other',
  label: 'Stampede, the other build',
  stores: true,
  main,
  start: ({ workDir, jwtSecret }, databaseUrl) => startSystem({ workDir, jwtSecret, databaseUrl, env, main }),
});
