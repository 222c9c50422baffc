import { join } from 'node:path';
import { type Child, startChild, urlLine } from '../support/child.ts';
import { startGroupsOfOne, startSystem } from '../support/system.ts';
import type { Ground } from './ground.ts';

/** What is measured of an entrant. */
export type Kind = 'answer' | 'issue' | 'sold-out' | 'already-issued';
/** Where its coupons are: nowhere, in the contenders' tables, or in the real system's. */
export type Store = 'none' | 'bench' | 'coupon';

export interface Entrant {
  readonly id: string;
  readonly label: string;
  readonly kind: Kind;
  readonly store: Store;
  readonly needsRedis: boolean;
  /** Under load it answers 503 to some who waited too long; they are counted, and no fault. */
  readonly givesUp: boolean;
  /** Its pool is tuned before the rounds. */
  readonly pooled: boolean;
  start(ground: Ground, databaseUrl: string, poolMax: number): Promise<Child>;
}

/** More than any slice issues, and below 2^31: no slice sells out unless it is meant to. */
export const UNSOLD = 2_000_000_000;

const contender =
  (file: string, more: Readonly<Record<string, string>> = {}): Entrant['start'] =>
  (ground, databaseUrl, poolMax) => {
    const env = {
      DATABASE_URL: databaseUrl,
      JWT_SECRET: ground.jwtSecret,
      POOL_MAX: String(poolMax),
      MAX_ISSUE_COUNT: String(UNSOLD),
      REDIS_URL: ground.redis?.url ?? '',
      ...more,
    };
    return startChild([process.execPath, join(import.meta.dirname, 'contenders', file)], env, urlLine);
  };

const system: Entrant['start'] = ({ workDir, jwtSecret }, databaseUrl) =>
  startSystem({ workDir, jwtSecret, databaseUrl });

const groupsOfOne: Entrant['start'] = ({ workDir, jwtSecret }, databaseUrl) =>
  startGroupsOfOne({ workDir, jwtSecret, databaseUrl });

const plain = { needsRedis: false, givesUp: false, pooled: false } as const;
const pooled = { kind: 'issue', store: 'bench', needsRedis: false, givesUp: false, pooled: true } as const;

export const ENTRANTS: readonly Entrant[] = [
  {
    ...plain,
    id: 'a',
    label: 'bare Fastify, answers only',
    kind: 'answer',
    store: 'none',
    start: contender('bare.ts', { CHECK: 'off' }),
  },
  {
    ...plain,
    id: 'b',
    label: 'Fastify + token check, answers only',
    kind: 'answer',
    store: 'none',
    start: contender('bare.ts'),
  },
  { ...plain, id: 'c', label: 'Stampede, issuing', kind: 'issue', store: 'coupon', start: system },
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
    label: 'Stampede, groups of 1',
    givesUp: true,
    kind: 'issue',
    store: 'coupon',
    start: groupsOfOne,
  },
  { ...pooled, id: 'f', label: 'one UPDATE + INSERT statement', start: contender('statement.ts') },
  { ...pooled, id: 'g', label: 'SELECT … FOR UPDATE transaction', start: contender('row-lock.ts') },
  {
    ...pooled,
    id: 'h',
    label: 'Redis lock + transaction',
    needsRedis: true,
    givesUp: true,
    start: contender('redis-lock.ts'),
  },
  { ...pooled, id: 'i', label: 'Redis Lua gate + INSERT', needsRedis: true, start: contender('redis-gate.ts') },
];
