import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Logger, pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { until } from '../../../test/attacks/support.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { execute } from '../../../test/support/postgres-admin.ts';
import type { ScheduledTask } from '../context.ts';
import { createNotifier } from '../kernel/notifier.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';

const DAILY = 1_440;
const TICK_MS = 100;

let database: TestDatabase;
let pool: pg.Pool;
const started = new Set<Scheduler>();
const children = new Set<ChildProcess>();
beforeEach(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  pool.on('error', () => {});
  await pool.query('create table runs (id serial, node text, what text)');
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await Promise.all([...started].map((scheduler) => scheduler.stop()));
  started.clear();
  await pool.end();
  await database.drop();
});

function node(
  jobs: readonly ScheduledTask[],
  options: { metrics?: Registry; clock?: () => number; isTimeTrusted?: () => boolean; log?: Logger } = {},
): Scheduler {
  const { metrics = new Registry(), clock = Date.now, isTimeTrusted = () => true } = options;
  const { log = pino({ level: 'silent' }) } = options;
  const scheduler = createScheduler({ url: database.url, jobs, clock, isTimeTrusted, metrics, log, tickMs: TICK_MS });
  started.add(scheduler);
  scheduler.start();
  return scheduler;
}

/** Writes that it ran. */
const counting = (name: string, what = 'ran'): ScheduledTask => ({
  name,
  everyMinutes: DAILY,
  async run() {
    await pool.query('insert into runs (node, what) values ($1, $2)', [name, what]);
    return 1;
  },
});

const runs = async (what = 'ran'): Promise<number> =>
  (await pool.query('select 1 from runs where what = $1', [what])).rowCount ?? 0;

/** As if the run of this period had been of an earlier one. */
const agePeriods = () => pool.query("update pgboss.job set singleton_on = singleton_on - interval '3 days'");

/** As if the run's node had not been heard of for long. */
const ageHeartbeats = () =>
  pool.query("update pgboss.job set heartbeat_on = heartbeat_on - interval '1 minute' where state = 'active'");

async function otherProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['test/support/jobs-process.ts', database.url], { stdio: 'inherit' });
  children.add(child);
  await until(async () => (await runs('began')) === 1);
  return child;
}

describe('a scheduled task', () => {
  it('a scheduled task runs once in its period, however many nodes there are and however often they start', async () => {
    const jobs = ['test.a', 'test.b', 'test.c'].map((name) => counting(name));
    const nodes = [node(jobs), node(jobs), node(jobs)];
    await until(async () => (await runs()) >= 3);
    await sleep(10 * TICK_MS);
    await Promise.all(nodes.map((each) => each.stop()));
    const again = node(jobs);
    await again.runAll(); // 3 more, and by now it has offered the period's
    await sleep(5 * TICK_MS);
    const { rows } = await pool.query('select node, count(*)::int as runs from runs group by node order by node');
    expect(rows).toEqual(['test.a', 'test.b', 'test.c'].map((name) => ({ node: name, runs: 2 })));
  });

  it('a scheduled task runs at start when its period had no run because no node was there', async () => {
    const first = node([counting('test.missed')]);
    await until(async () => (await runs()) === 1);
    await first.stop();
    await agePeriods();
    node([counting('test.missed')]);
    await until(async () => (await runs()) === 2);
  });

  it('a scheduled task never overlaps itself: concurrent requests on three nodes run one after the other', async () => {
    let inside = 0;
    let most = 0;
    const job: ScheduledTask = {
      name: 'test.turns',
      everyMinutes: DAILY,
      async run() {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(30);
        inside -= 1;
        return 1;
      },
    };
    const nodes = [node([job]), node([job]), node([job])];
    const answers = await Promise.all([...nodes, ...nodes].map((each) => each.runAll()));
    expect(answers).toEqual(Array(6).fill({ 'test.turns': 1 }));
    expect(most).toBe(1);
  });

  it('a scheduled task is retried when it failed, and counted in the metrics', async () => {
    const metrics = new Registry();
    let tries = 0;
    const job: ScheduledTask = {
      name: 'test.fails',
      everyMinutes: DAILY,
      run: () => (++tries === 1 ? Promise.reject(new Error('the first time')) : Promise.resolve(7)),
    };
    node([job], { metrics });
    await until(async () => /outcome="done"\} 1/.test(await metrics.metrics()));
    const text = await metrics.metrics();
    expect(text).toContain('stampede_job_runs_total{job="test.fails",outcome="failed"} 1');
    expect(text).toContain('stampede_job_things_total{job="test.fails"} 7');
    expect(text).toMatch(/stampede_job_last_success_timestamp_seconds\{job="test.fails"\} \d{10}/);
  });

  it('a scheduled task that fails does not keep others from running', async () => {
    const broken: ScheduledTask = {
      name: 'test.broken',
      everyMinutes: DAILY,
      run: () => Promise.reject(new Error('always')),
    };
    const scheduler = node([broken, counting('test.well')]);
    await until(async () => (await runs()) === 1);
    await expect(scheduler.runAll()).rejects.toThrow('test.broken');
  });
});

describe('a node that goes', () => {
  it('a run whose node gets SIGKILL is taken over by another node', async () => {
    const other = await otherProcess();
    node([counting('test.endless')]);
    await sleep(5 * TICK_MS);
    expect(await runs()).toBe(0); // it is the other's
    other.kill('SIGKILL');
    await ageHeartbeats();
    await until(async () => (await runs()) === 1);
  });

  it('a run whose node is frozen is taken over, and the node ends its own run when it wakes', async () => {
    const other = await otherProcess();
    other.kill('SIGSTOP');
    await ageHeartbeats();
    node([counting('test.endless')]);
    await until(async () => (await runs()) === 1);
    other.kill('SIGCONT');
    await until(async () => (await runs('aborted')) === 1);
  });

  it('a run whose node stops ends after its batch, and another node continues it', async () => {
    const batches: ScheduledTask = {
      name: 'test.batches',
      everyMinutes: DAILY,
      async run(signal) {
        let done = 0;
        for (; !signal.aborted; done++) {
          await pool.query("insert into runs (node, what) values ('first', 'batch')");
          await sleep(10);
        }
        return done;
      },
    };
    const metrics = new Registry();
    const first = node([batches], { metrics });
    await until(async () => (await runs('batch')) > 2);
    await first.stop();
    const before = await runs('batch');
    expect(await metrics.metrics()).toContain('stampede_job_runs_total{job="test.batches",outcome="stopped"} 1');
    expect(await metrics.metrics()).toContain(`stampede_job_things_total{job="test.batches"} ${before}`);
    node([counting('test.batches')]);
    await until(async () => (await runs()) === 1);
    expect(await runs('batch')).toBe(before);
  });
});

describe('due times', () => {
  it('due times start a run when the clock reaches them, one after the other, whatever the period has had', async () => {
    let nowMs = 1_000;
    const due = [5_000, 5_000, 6_000];
    const changed = createNotifier();
    const seen: number[] = [];
    const job: ScheduledTask = {
      name: 'test.instants',
      everyMinutes: DAILY,
      dueTimes: { next: async () => due[0], changed },
      async run() {
        while (due[0] !== undefined && due[0] <= nowMs) seen.push(due.shift() ?? 0);
        return 0;
      },
    };
    const scheduler = node([job], { clock: () => nowMs });
    await scheduler.runAll();
    expect(seen).toEqual([]);
    nowMs = 5_000;
    changed.notify();
    await until(async () => seen.length === 2);
    nowMs = 7_000;
    changed.notify();
    await until(async () => seen.length === 3);
  });
});

describe('the log of the scheduler', () => {
  it('the log of the scheduler says that a task is scheduled again when that task is, not when another one is', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = createLogger('info', { write: (line: string) => void lines.push(JSON.parse(line)) });
    const logged = () => lines.map(({ msg, job }) => `${msg}: ${job}`);
    const changed = createNotifier();
    let reads = 0;
    let isBroken = true;
    const failing: ScheduledTask = {
      ...counting('test.failing'),
      dueTimes: {
        async next() {
          reads += 1;
          if (isBroken) throw new Error('the due times cannot be read');
          return undefined;
        },
        changed,
      },
    };
    let others = 0;
    const well: ScheduledTask = {
      ...counting('test.well'),
      dueTimes: {
        async next() {
          others += 1;
          return undefined;
        },
        changed: createNotifier(),
      },
    };
    node([failing, well], { log });
    const both = async (times: number) => {
      const [readsBefore, othersBefore] = [reads, others];
      await until(async () => {
        for (const { dueTimes } of [failing, well]) dueTimes?.changed.notify();
        return reads >= readsBefore + times && others >= othersBefore + times;
      });
    };
    await both(5);
    // The runs of the periods were added in the same time.
    await until(async () => (await runs()) === 2);
    await both(5);
    expect(logged().filter((line) => line.startsWith('jobs'))).toEqual([
      'jobs cannot be scheduled at the moment: test.failing',
    ]);
    isBroken = false;
    await both(2);
    expect(logged()).toContain('jobs are scheduled again: test.failing');
  });
});

describe('a node that does not know the time', () => {
  it('a node that does not know the time runs no task, by period, at due times or on request, until its time is trusted again', async () => {
    let isTimeTrusted = false;
    const dueTimes = { next: async () => ((await runs()) < 2 ? 0 : undefined), changed: createNotifier() };
    const scheduler = node([{ ...counting('test.untrusted'), dueTimes }], { isTimeTrusted: () => isTimeTrusted });
    await expect(scheduler.runAll()).rejects.toThrow(/test.untrusted failed/);
    await sleep(10 * TICK_MS);
    expect(await runs()).toBe(0);
    isTimeTrusted = true;
    // The run of the period and the runs of the due time can overlap, so a third one may follow before this looks again.
    await until(async () => (await runs()) >= 2);
  });

  it('a node that no longer knows the time ends its run after the batch, and another node continues it', async () => {
    let isTimeTrusted = true;
    let isDone = false;
    const job: ScheduledTask = {
      name: 'test.lost-time',
      everyMinutes: DAILY,
      async run(signal) {
        if (isDone) return 1;
        while (!signal.aborted) await sleep(20);
        isDone = true;
        return 0;
      },
    };
    const first = node([job], { isTimeTrusted: () => isTimeTrusted });
    const ran = first.runAll();
    await sleep(5 * TICK_MS);
    isTimeTrusted = false;
    await expect(ran).rejects.toThrow(/test.lost-time failed/);
    expect(await node([job]).runAll()).toEqual({ 'test.lost-time': 1 });
  });
});

describe('PostgreSQL', () => {
  it('scheduled tasks continue by themselves after PostgreSQL was away at the start and cut off later', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await execute(inject('postgresUrl'), `alter database ${name} allow_connections false`);
    let wanted = 0;
    const changed = createNotifier();
    const job: ScheduledTask = {
      ...counting('test.outage'),
      dueTimes: { next: async () => ((await runs()) < wanted ? 0 : undefined), changed },
    };
    node([job]);
    await sleep(3 * TICK_MS);
    expect(await runs()).toBe(0);
    await execute(inject('postgresUrl'), `alter database ${name} allow_connections true`);
    await until(async () => (await runs()) === 1);
    await pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'stampede-jobs' and datname = current_database()",
    );
    wanted = 2;
    changed.notify();
    await until(async () => (await runs()) === 2);
  });
});
