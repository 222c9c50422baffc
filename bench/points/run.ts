/**
 * How many direct charges a second, for many users and for one, beside what HTTP alone allows and the usual transaction a request; how
 * many charges that customers pay for; and how fast a balance is read from a large ledger. Needs wrk.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { dropDatabase } from '../../test/support/postgres-admin.ts';
import { writeTokens } from '../issue/tokens.ts';
import { type Child, closeOnSignal, startChild, stopChildren, urlLine } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { asAdmin, openPostgres, withDatabase } from '../support/postgres.ts';
import { rotated } from '../support/rotated.ts';
import { migrateSystem, startBatchesOfOne, startSystem } from '../support/system.ts';
import { type CpuUs, withCpu } from '../support/with-cpu.ts';
import type { WrkResult } from '../support/wrk.ts';
import { fillLedger } from './fill.ts';
import { send } from './load.ts';
import { measurePaidCharges, type PaidMeasurement } from './paid-measurement.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '512' },
    users: { type: 'string', default: '50000' },
    entries: { type: 'string', default: '0' },
    paid: { type: 'string', default: '5000' },
    only: { type: 'string', default: 'charges,paid,balances' },
    against: { type: 'string' },
    out: { type: 'string', default: 'docs/bench' },
  },
});
const [seconds, rounds, connections] = [Number(values.seconds), Number(values.rounds), Number(values.connections)];
const parts = values.only.split(',');
const other = values.against === undefined ? undefined : resolve(values.against);
const OTHER = 'Stampede, the other build';
const WARM_SECONDS = 2;
/** With a batch a request, 512 clients wait longer than a batcher admits, and most requests are refused with OVERLOADED. */
const CONNECTIONS_OF_ONE = 64;
/** Of 4, 8, 16 and 32 the best. */
const POOL_MAX = '16';
/** One after the other: the latency of a user, not the throughput of the machine. */
const BALANCE_CONNECTIONS = 1;

const workDir = await mkdtemp(join(tmpdir(), 'stampede-bench-'));
const jwtSecret = randomBytes(36).toString('base64url');
const postgres = await openPostgres(workDir);
closeOnSignal(close);
let databases = 0;

async function close(): Promise<void> {
  await stopChildren();
  await postgres.stop();
  await rm(workDir, { recursive: true, force: true });
}

/** `main`: the bundle that migrates it, by default this checkout's. */
async function newDatabase(main?: string): Promise<string> {
  const name = `bench_points_${process.pid}_${++databases}`;
  await asAdmin(postgres.url, (client) => client.query(`create database ${name}`));
  const url = withDatabase(postgres.url, name);
  await migrateSystem(url, main);
  return url;
}

const baseline = (file: string) => (databaseUrl: string) => {
  const env = { DATABASE_URL: databaseUrl, JWT_SECRET: jwtSecret, POOL_MAX };
  return startChild([process.execPath, join(import.meta.dirname, 'baselines', file)], env, urlLine);
};
// The rate limit would refuse so many requests, and is not what is measured.
const env = { STAMPEDE_RATE_LIMIT: 'off', POINT_BALANCE_MAX: '999999999999' };
const CANDIDATES: Readonly<Record<string, (databaseUrl: string) => Promise<Child>>> = {
  'Fastify + token check, stores nothing': baseline('bare.ts'),
  Stampede: (databaseUrl) => startSystem({ workDir, jwtSecret, databaseUrl, env }),
  'Stampede, batches of 1': (databaseUrl) => startBatchesOfOne({ workDir, jwtSecret, databaseUrl, env }),
  'a transaction per request': baseline('transaction.ts'),
  // Another build, for a comparison of the two in one run.
  ...(other === undefined
    ? {}
    : { [OTHER]: (databaseUrl: string) => startSystem({ workDir, jwtSecret, databaseUrl, env, main: other }) }),
};

/** With another build only the two are measured. */
const selectedCandidates = other === undefined ? Object.keys(CANDIDATES) : ['Stampede', OTHER];

interface Line extends WrkResult {
  readonly candidate: string;
  readonly accounts: 'many' | 'one';
  readonly round: number;
  /** A charge. */
  readonly cpuUs: CpuUs;
}

/** Charges points, and checks that the ledger contains every acknowledged charge. */
async function measure(candidate: string, accounts: Line['accounts'], tokens: string, round: number): Promise<Line> {
  const databaseUrl = await newDatabase(candidate === OTHER ? other : undefined);
  const child = await (CANDIDATES[candidate] as (url: string) => Promise<Child>)(databaseUrl);
  const shape = { url: child.url, tokens, connections: candidate.endsWith('of 1') ? CONNECTIONS_OF_ONE : connections };
  try {
    const warm = await send({ ...shape, seconds: WARM_SECONDS, what: { charge: 'w' } });
    const { result, cpuUs } = await withCpu(child.pid, databaseUrl, () =>
      send({ ...shape, seconds, what: { charge: 'k' } }),
    );
    await child.stop();
    const stored = await asAdmin(databaseUrl, (client) =>
      client.query('select count(*)::int as n from point.transactions'),
    );
    const answered = warm.requests + result.requests - warm.faults - result.faults;
    if (!candidate.startsWith('Fastify') && stored.rows[0].n < answered) throw new Error(`${candidate} lost charges`);
    return { candidate, accounts, round, ...result, cpuUs: cpuUs(result.requests) };
  } finally {
    await child.stop();
    await dropDatabase(postgres.url, new URL(databaseUrl).pathname.slice(1));
  }
}

const FIRST_PAYER = 1_000_000_000n;
const FIRST_WARM_PAYER = 2_000_000_000n;
/** Of the charges, before those that are measured. */
const WARM_SHARE = 0.1;

/** Charges that customers pay for, on this build alone: an earlier one may know none. */
async function measurePaid(charges: number): Promise<PaidMeasurement> {
  const databaseUrl = await newDatabase();
  const system = await startSystem({ workDir, jwtSecret, databaseUrl, env });
  const place = { system, databaseUrl, jwtSecret, connections };
  try {
    await measurePaidCharges({ ...place, charges: Math.ceil(charges * WARM_SHARE), firstUser: FIRST_WARM_PAYER });
    return await measurePaidCharges({ ...place, charges, firstUser: FIRST_PAYER });
  } finally {
    await system.stop();
    await dropDatabase(postgres.url, new URL(databaseUrl).pathname.slice(1));
  }
}

interface BalanceLine {
  readonly round: number;
  /** Of all users in turn. */
  readonly all: WrkResult;
  /** The balance of a user with 100,000 lots. */
  readonly one: WrkResult;
  /** The time of the machine alone: HTTP and a `select 1`. */
  readonly floor: WrkResult;
}

async function measureBalances(entries: number): Promise<readonly BalanceLine[]> {
  const databaseUrl = await newDatabase();
  const users = await fillLedger(databaseUrl, entries);
  const iat = Math.floor(Date.now() / 1_000);
  const token = accessTokens(jwtSecret, Date.now).sign({ sub: '1', role: 'ADMIN', iat, exp: iat + 3_600 });
  const tokens = join(workDir, 'admin');
  await writeFile(`${tokens}.1`, `${token}\n`);
  const child = await startSystem({ workDir, jwtSecret, databaseUrl, env });
  try {
    const shape = { url: child.url, tokens, connections: BALANCE_CONNECTIONS };
    await send({ ...shape, seconds: WARM_SECONDS, what: { balanceOf: users } });
    const lines: BalanceLine[] = [];
    for (let round = 1; round <= rounds; round++) {
      const all = await send({ ...shape, seconds, what: { balanceOf: users } });
      const floor = await send({ ...shape, seconds, what: 'ready' });
      const one = await send({ ...shape, seconds, what: { balanceOf: 1 } });
      lines.push({ round, all, one, floor });
      for (const [name, { p50Ms, p95Ms, p99Ms }] of Object.entries({ all, one, floor })) {
        console.log(`${round}  balance  ${name.padEnd(6)} p50 ${p50Ms} p95 ${p95Ms} p99 ${p99Ms} ms`);
      }
    }
    return lines;
  } finally {
    await child.stop();
  }
}

try {
  // Customers would pay at the provider; administrators charge their own accounts directly.
  const many = await writeTokens(join(workDir, 'many'), jwtSecret, 1_000n, Number(values.users), 'ADMIN');
  const one = await writeTokens(join(workDir, 'one'), jwtSecret, 7n, 1, 'ADMIN');
  const lines: Line[] = [];
  for (let round = 1; parts.includes('charges') && round <= rounds; round++) {
    for (const [accounts, tokens] of [
      ['many', many],
      ['one', one],
    ] as const) {
      for (const candidate of rotated(selectedCandidates, round - 1)) {
        const line = await measure(candidate, accounts, tokens, round);
        lines.push(line);
        console.log(
          `${round}  ${accounts.padEnd(5)} ${candidate.padEnd(38)} ${Math.round(line.perSecond).toString().padStart(7)}/s  ` +
            `p50 ${line.p50Ms} p95 ${line.p95Ms} p99 ${line.p99Ms} ms  CPU ${line.cpuUs.server ?? '?'} + ${line.cpuUs.postgres ?? '?'} us  ${line.faults} faults`,
        );
      }
    }
  }
  const paid: (PaidMeasurement & { readonly round: number })[] = [];
  for (let round = 1; parts.includes('paid') && round <= rounds; round++) {
    const line = { ...(await measurePaid(Number(values.paid))), round };
    paid.push(line);
    console.log(
      `${round}  paid  opened and paid ${Math.round(line.paidPerSecond)}/s, credited ${Math.round(line.creditedPerSecond)}/s  ` +
        `p50 ${line.p50Ms.toFixed(1)} p95 ${line.p95Ms.toFixed(1)} p99 ${line.p99Ms.toFixed(1)} ms  ` +
        `CPU ${line.cpuUs.server ?? '?'} + ${line.cpuUs.postgres ?? '?'} us${line.fault ? `  FAULT ${line.fault}` : ''}`,
    );
  }
  const entries = Number(values.entries);
  const isBalanceAsked = parts.includes('balances') && entries > 0;
  const balances = isBalanceAsked ? { entries, lines: await measureBalances(entries) } : undefined;
  const machine = await describeMachine(postgres.url, 'wrk', undefined);
  await mkdir(values.out, { recursive: true });
  const results = { machine, connections, seconds, lines, paid, ...(balances ? { balances } : {}) };
  await writeFile(join(values.out, 'points.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  if (paid.some(({ fault }) => fault !== undefined)) process.exitCode = 1;
} finally {
  await close();
}
