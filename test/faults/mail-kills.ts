import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { writeNotices } from '../../src/contexts/notification/adapters/postgres/write-notices.ts';
import type { NewNotice } from '../../src/contexts/notification/domain/notice.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { inTransaction } from '../../src/platform/postgres/transaction.ts';
import type { Mailpit } from '../../tools/mailpit/start.ts';
import { countingIds } from '../support/counting-ids.ts';
import { testDatabase } from '../support/postgres.ts';

/** A lease of ten minutes ends after a second. */
const SPEED = 600;
/** Processes that send at the same time. */
const PROCESSES = 3;
const NOTICES_A_KILL = 6;
const LIFE_MAX_MS = 400;

export interface KillReport {
  readonly kills: number;
  /** Deliveries by kind and state. */
  readonly states: Readonly<Record<string, number>>;
  /** Mails of reminders and of orders that arrived, and those of them that had arrived before. */
  readonly arrived: { readonly reminders: number; readonly orders: number };
  readonly twice: { readonly reminders: readonly string[]; readonly orders: number };
  /** Orders without a mail. */
  readonly missing: number;
  /** Reminders of which nobody knows whether they arrived, and those of them that did. */
  readonly unknown: { readonly all: number; readonly arrived: number };
}

/** Kills processes that send mails, each at a random moment, and counts at the mail server what arrived. */
export async function killSenders(mailpit: Mailpit, kills: number): Promise<KillReport> {
  const { url, drop } = await testDatabase();
  const database = openDatabase({ url, onError: () => {} });
  const directory = await mkdtemp(join(tmpdir(), 'stampede-senders-'));
  const program = join(directory, 'sender.cjs');
  await build({
    entryPoints: ['test/faults/mail-sender-process.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    external: ['pg-native'],
    logLevel: 'error',
  });
  const startedMs = Date.now();
  const nextId = countingIds();
  let users = 0;

  async function addNotices(): Promise<void> {
    const day = new Date(startedMs).toISOString().slice(0, 10);
    const notices = Array.from({ length: NOTICES_A_KILL }, (_, index): NewNotice => {
      const userId = BigInt(++users);
      const kind = index % 3 === 0 ? 'ORDER_PAID' : 'POLICY_OPENING';
      return { userId, kind, subject: '1', day, data: { orderId: '1', policyId: '1', couponName: 'x', total: '1' } };
    });
    await inTransaction(database.pool, (client) => writeNotices(client, notices, { nextId, nowMs: startedMs }));
  }
  const start = (): ChildProcess =>
    spawn(process.execPath, [program, url, String(mailpit.smtpPort), String(startedMs), String(SPEED)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  async function killAgain(times: number): Promise<void> {
    for (let killed = 0; killed < times; killed++) {
      await addNotices();
      const child = start();
      const ended = once(child, 'exit');
      if (child.stdout) await Promise.race([once(child.stdout, 'data'), ended]);
      await sleep(Math.random() * LIFE_MAX_MS);
      child.kill('SIGKILL');
      await ended;
    }
  }
  const openDeliveries = async (): Promise<number> => {
    const open = `select (select count(*) from notification.delivery_batches) + (select count(*) from notification.deliveries where state in ('PENDING', 'SENDING')) as n`;
    return Number((await database.pool.query<{ n: bigint }>(open)).rows[0]?.n);
  };

  try {
    await Promise.all(Array.from({ length: PROCESSES }, () => killAgain(Math.ceil(kills / PROCESSES))));
    const last = start();
    while ((await openDeliveries()) > 0) await sleep(200);
    last.kill('SIGKILL');
    await once(last, 'exit');
    return await reportOf(database.pool, await mailpit.messageIds(), Math.ceil(kills / PROCESSES) * PROCESSES);
  } finally {
    await database.close();
    await drop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function reportOf(
  pool: ReturnType<typeof openDatabase>['pool'],
  messageIds: readonly string[],
  kills: number,
): Promise<KillReport> {
  const { rows } = await pool.query<{ id: bigint; kind: string; state: string }>(
    'select id, kind, state from notification.deliveries',
  );
  const counts = new Map<string, number>();
  for (const id of messageIds) counts.set(id, (counts.get(id) ?? 0) + 1);
  const arrivals = (id: bigint): number => counts.get(`notice-${id}@shop.example.com`) ?? 0;
  const reminders = rows.filter(({ kind }) => kind === 'POLICY_OPENING');
  const orders = rows.filter(({ kind }) => kind === 'ORDER_PAID');
  const sum = (of: typeof rows) => of.reduce((total, { id }) => total + arrivals(id), 0);
  const unknown = reminders.filter(({ state }) => state === 'UNKNOWN');
  const groups = Map.groupBy(rows, ({ kind, state }) => `${kind} ${state}`);
  return {
    kills,
    states: Object.fromEntries([...groups].map(([name, { length }]) => [name, length])),
    arrived: { reminders: sum(reminders), orders: sum(orders) },
    twice: {
      reminders: reminders.filter(({ id }) => arrivals(id) > 1).map(({ id }) => String(id)),
      orders: orders.filter(({ id }) => arrivals(id) > 1).length,
    },
    missing: orders.filter(({ id }) => arrivals(id) === 0).length,
    unknown: { all: unknown.length, arrived: unknown.filter(({ id }) => arrivals(id) > 0).length },
  };
}
