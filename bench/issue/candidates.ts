import { join } from 'node:path';
import { type Child, startChild, urlLine } from '../support/child.ts';
import { startBatchesOfOne, startSystem } from '../support/system.ts';
import type { Fixture } from './fixture.ts';

/** The kind of measurement of a candidate. */
export type Kind = 'answer' | 'issue' | 'sold-out' | 'already-issued';
/** Where its coupons are: nowhere, in the baselines' tables, or in the real system's. */
export type Store = 'none' | 'bench' | 'coupon';

export interface Candidate {
  readonly id: string;
  readonly label: string;
  readonly kind: Kind;
  readonly store: Store;
  readonly needsRedis: boolean;
  /** Under load it responds with 503 to requests that waited too long; they are counted, and are no fault. */
  readonly givesUp: boolean;
  /** Its pool is tuned before the rounds. */
  readonly pooled: boolean;
  start(fixture: Fixture, databaseUrl: string, poolMax: number): Promise<Child>;
}

/** More than any measurement issues, and below 2^31: no measurement sells out unless it is meant to. */
export const UNSOLD = 2_000_000_000;

const baseline =
  (file: string, more: Readonly<Record<string, string>> = {}): Candidate['start'] =>
  (fixture, databaseUrl, poolMax) => {
    const env = {
      DATABASE_URL: databaseUrl,
      JWT_SECRET: fixture.jwtSecret,
      POOL_MAX: String(poolMax),
      MAX_ISSUE_COUNT: String(UNSOLD),
      REDIS_URL: fixture.redis?.url ?? '',
      ...more,
    };
    return startChild([process.execPath, join(import.meta.dirname, 'baselines', file)], env, urlLine);
  };

const system: Candidate['start'] = ({ workDir, jwtSecret }, databaseUrl) =>
  startSystem({ workDir, jwtSecret, databaseUrl });

const batchesOfOne: Candidate['start'] = ({ workDir, jwtSecret }, databaseUrl) =>
  startBatchesOfOne({ workDir, jwtSecret, databaseUrl });

const plain = { needsRedis: false, givesUp: false, pooled: false } as const;
const pooled = { kind: 'issue', store: 'bench', needsRedis: false, givesUp: false, pooled: true } as const;

/** Another build of this system, for a comparison of the two in one run. */
const otherBuild: Candidate['start'] = ({ workDir, jwtSecret, otherMain }, databaseUrl) => {
  if (otherMain === undefined) throw new Error('--against names the other build');
  return startSystem({ workDir, jwtSecret, databaseUrl, main: otherMain });
};

export const CANDIDATES: readonly Candidate[] = [
  {
    ...plain,
    id: 'a',
    label: 'bare Fastify, answers only',
    kind: 'answer',
    store: 'none',
    start: baseline('bare.ts', { CHECK: 'off' }),
  },
  {
    ...plain,
    id: 'b',
    label: 'Fastify + token check, answers only',
    kind: 'answer',
    store: 'none',
    start: baseline('bare.ts'),
  },
  { ...plain, id: 'c', label: 'Stampede, issuing', kind: 'issue', store: 'coupon', start: system },
  { ...plain, id: 'c2', label: 'Stampede, the other build', kind: 'issue', store: 'coupon', start: otherBuild },
  { ...plain, id: 'd1', label: 'Stampede, refusing: sold out', kind: 'sold-out', store: 'coupon', start: system },
  {
    ...plain,
    id: 'd2',
    label: 'Stampede, refusing: already issued',
    kind: 'already-issued',
    store: 'coupon',
    start: system,
  },
  {
    ...plain,
    id: 'e',
    label: 'Stampede, batches of 1',
    givesUp: true,
    kind: 'issue',
    store: 'coupon',
    start: batchesOfOne,
  },
  { ...pooled, id: 'f', label: 'one UPDATE + INSERT statement', start: baseline('statement.ts') },
  { ...pooled, id: 'g', label: 'SELECT … FOR UPDATE transaction', start: baseline('row-lock.ts') },
  {
    ...pooled,
    id: 'h',
    label: 'Redis lock + transaction',
    needsRedis: true,
    givesUp: true,
    start: baseline('redis-lock.ts'),
  },
  { ...pooled, id: 'i', label: 'Redis Lua gate + INSERT', needsRedis: true, start: baseline('redis-gate.ts') },
];
