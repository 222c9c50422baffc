/**
 * How does a node learn that an inbox has changed, of 10,000 that are open on it? LISTEN and NOTIFY after commits, as the program has it; NOTIFY within the
 * transaction; a poll of the open inboxes. 500 changes a second and one of all inboxes every 5 s: how late, and the CPU of PostgreSQL. Then how many
 * users a second can read their notices, which is a commit each, while each commit notifies or none does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import pg from 'pg';
import { postgresInboxSignal } from '../../src/contexts/notification/adapters/postgres/inbox-signal.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { prepareFixture } from '../issue/fixture.ts';
import { closeOnSignal } from '../support/child.ts';
import { cpuOfChildren } from '../support/cpu.ts';
import { postmasterOf } from '../support/postgres.ts';
import { rotated } from '../support/rotated.ts';
import { migrateSystem } from '../support/system.ts';

const USERS = 10_000;
const PER_SECOND = 500;
const BROADCAST_MS = 5_000;
const POLL_MS = 250;
const WRITE_MAX = 1_000;

const { seconds, rounds } = new Command('bench:signal')
  .option('--seconds <n>', 'of one measurement', Number, 10)
  .option('--rounds <n>', 'each way once a round', Number, 2)
  .parse()
  .opts<{ seconds: number; rounds: number }>();

type Changed = (userIds: readonly bigint[]) => void;
interface Way {
  /** Begins to learn of changes. */
  listen(changed: Changed): Promise<() => Promise<void>>;
  /** Within the transaction that changes the inboxes, and after it. */
  within?(client: pg.ClientBase, userIds: readonly bigint[]): Promise<unknown>;
  after?(userIds: readonly bigint[]): void;
}

const fixture = await prepareFixture(0, 0);
closeOnSignal(fixture.close);
try {
  const url = await fixture.createDatabase('signal');
  await migrateSystem(url);
  const database = openDatabase({ url, onError: console.error });
  const { pool } = database;
  const users = Array.from({ length: USERS }, (_, index) => 2n ** 61n + BigInt(index) * 4_096n);
  await pool.query('insert into notification.inboxes (user_id) select unnest($1::bigint[])', [users]);
  await pool.query('analyze notification.inboxes');
  const postmaster = await postmasterOf(url);
  const signal = postgresInboxSignal({ pool, url, onError: console.error });

  async function listenTo(channel: string, changed: Changed): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    client.on('notification', ({ payload = '' }) => changed(payload.split(' ').map(BigInt)));
    await client.query(`listen ${channel}`);
    return () => client.end();
  }
  const CHUNK = 350;
  const notify = (client: Pick<pg.ClientBase, 'query'>, userIds: readonly bigint[]) =>
    client.query({
      name: 'notify',
      text: `select pg_notify('within', ids) from unnest($1::text[]) as p(ids)`,
      values: [
        Array.from({ length: Math.ceil(userIds.length / CHUNK) }, (_, at) =>
          userIds.slice(at * CHUNK, (at + 1) * CHUNK).join(' '),
        ),
      ],
    });
  const WAYS: Readonly<Record<string, Way>> = {
    'NOTIFY after commits': {
      listen: async (changed) => {
        const stop = signal.subscribe(changed);
        await sleep(500);
        return async () => stop();
      },
      after: (userIds) => signal.notify(userIds),
    },
    'NOTIFY within': { listen: (changed) => listenTo('within', changed), within: notify },
    'poll of open inboxes': {
      async listen(changed) {
        const known = new Map<bigint, bigint>();
        let isOver = false;
        const look = async (): Promise<void> => {
          for (let at = 0; at < USERS; at += 1_000) {
            const { rows } = await pool.query<{ id: bigint; number: bigint }>({
              name: 'poll',
              text: 'select user_id as id, last_number as number from notification.inboxes where user_id = any($1::bigint[])',
              values: [users.slice(at, at + 1_000)],
            });
            changed(rows.filter(({ id, number }) => known.get(id) !== number).map(({ id }) => id));
            for (const { id, number } of rows) known.set(id, number);
          }
        };
        await look();
        const polling = (async () => {
          while (!isOver) {
            await sleep(POLL_MS);
            await look();
          }
        })();
        return async () => {
          isOver = true;
          await polling;
        };
      },
    },
  };

  async function change(way: Way, userIds: readonly bigint[], at: Map<bigint, number>): Promise<void> {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query({
        name: 'change',
        text: `with locked as (select user_id from notification.inboxes where user_id = any($1::bigint[]) order by user_id for update)
               update notification.inboxes as i set last_number = last_number + 1 from locked where i.user_id = locked.user_id`,
        values: [userIds],
      });
      await way.within?.(client, userIds);
      // Before it: whoever listens may learn of the commit before its response is here.
      const now = performance.now();
      for (const id of userIds) at.set(id, now);
      await client.query('commit');
      way.after?.(userIds);
    } finally {
      client.release();
    }
  }

  async function measure(way: Way) {
    const at = new Map<bigint, number>();
    const late: number[] = [];
    const stop = await way.listen((userIds) => {
      for (const id of userIds) {
        const since = at.get(id);
        if (since === undefined) continue;
        late.push(performance.now() - since);
        at.delete(id);
      }
    });
    const before = cpuOfChildren(postmaster) ?? 0;
    const startMs = performance.now();
    let broadcasts = 0;
    let changes = 0;
    while (performance.now() - startMs < seconds * 1_000) {
      const dueChanges = ((performance.now() - startMs) * PER_SECOND) / 1_000;
      // As the writer has them: what arrived meanwhile.
      const some = users.filter(() => Math.random() < (dueChanges - changes) / USERS);
      if (some.length > 0) await change(way, some, at);
      changes = dueChanges;
      if (performance.now() - startMs > broadcasts * BROADCAST_MS) {
        broadcasts += 1;
        for (let from = 0; from < USERS; from += WRITE_MAX) await change(way, users.slice(from, from + WRITE_MAX), at);
      }
      await sleep(10);
    }
    const cpu = ((cpuOfChildren(postmaster) ?? 0) - before) / seconds;
    await sleep(600);
    await stop();
    late.sort((a, b) => a - b);
    const share = (of: number): string => (late[Math.floor(late.length * of)] ?? Number.NaN).toFixed(0);
    return `${late.length} learnt, ${at.size} not  p50 ${share(0.5)} ms  p99 ${share(0.99)} ms  PostgreSQL ${(cpu * 1_000).toFixed(0)} ms/s`;
  }

  /** Commits of single users, 8 at once. */
  async function reads(isNotifying: boolean): Promise<string> {
    const many = openDatabase({ url, onError: console.error, poolMax: 8 });
    let done = 0;
    const untilMs = performance.now() + (seconds * 1_000) / 2;
    await mapConcurrent(
      Array.from({ length: 8 }, (_, index) => index),
      8,
      async (index) => {
        for (let turn = 0; performance.now() < untilMs; turn++) {
          const client = await many.pool.connect();
          const user = users[(index + turn * 8) % USERS] ?? 0n;
          await client.query('begin');
          await client.query({
            name: 'read',
            text: 'update notification.inboxes set read_up_to = last_number, unread = 0 where user_id = $1',
            values: [user],
          });
          if (isNotifying) await notify(client, [user]);
          await client.query('commit');
          client.release();
          done += 1;
        }
      },
    );
    await many.close();
    return `${((done / seconds) * 2).toFixed(0)} commits/s`;
  }

  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of rotated(Object.entries(WAYS), round)) {
      console.log(`round ${round + 1}  ${name.padEnd(22)} ${await measure(way)}`);
    }
    for (const isNotifying of rotated([true, false], round)) {
      console.log(
        `round ${round + 1}  reads, ${isNotifying ? 'NOTIFY in each' : 'no NOTIFY'}: ${await reads(isNotifying)}`,
      );
    }
  }
  await signal.stop();
  await database.close();
} finally {
  await fixture.close();
}
