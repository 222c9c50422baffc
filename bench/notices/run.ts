/**
 * 20,000 open streams of notices on two nodes, from four client processes: a broadcast to all of them every 5 s, and 500 notices a second for one user each,
 * while coupons are issued at full load. How late are notices, how much issuing is left, and what does a stream take of memory? Linux, `ulimit -n` of 20,000.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { postgresInboxSignal } from '../../src/contexts/notification/adapters/postgres/inbox-signal.ts';
import { writeNotices } from '../../src/contexts/notification/adapters/postgres/write-notices.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { inTransaction } from '../../src/platform/postgres/transaction.ts';
import { countingIds } from '../../test/support/counting-ids.ts';
import { FIRST_USER, prepareFixture } from '../issue/fixture.ts';
import { createPolicies } from '../issue/policies.ts';
import { writeTokens } from '../issue/tokens.ts';
import { residentKb } from '../streams/resident-kb.ts';
import { openStreamClients, type StreamClients } from '../streams/stream-clients.ts';
import { closeOnSignal } from '../support/child.ts';
import { cpuOf, cpuOfChildren } from '../support/cpu.ts';
import { describeMachine } from '../support/machine.ts';
import { postmasterOf } from '../support/postgres.ts';
import { migrateSystem, startSystem } from '../support/system.ts';

const NODES = 2;
const CLIENTS = 4;
const BROADCAST_MS = 5_000;
const PERSONAL_PER_SECOND = 500;
const WRITE_MAX = 1_000;
const CONNECTIONS = 64;
const TOKENS_PER_SECOND = 20_000;
const FIRST_WATCHER = 5_000_000_000_000n;

const options = new Command('bench:notices')
  .option('--streams <n>', 'open streams', Number, 20_000)
  .option('--seconds <n>', 'of each phase', Number, 20)
  .option('--rounds <n>', 'of issuing with and without notices', Number, 2)
  .option('--out <dir>', 'where the results go', 'docs/bench')
  .parse()
  .opts<{ streams: number; seconds: number; rounds: number; out: string }>();
const { streams, seconds, rounds } = options;
const [loadBefore] = loadavg();

const fixture = await prepareFixture(0, 0);
closeOnSignal(fixture.close);
try {
  const { jwtSecret, workDir, load } = fixture;
  const databaseUrl = await fixture.createDatabase('notices');
  await migrateSystem(databaseUrl);
  const env = { STAMPEDE_RATE_LIMIT: 'off' };
  const nodes = await Promise.all(Array.from({ length: NODES }, () => startSystem({ ...fixture, databaseUrl, env })));
  const postmaster = await postmasterOf(databaseUrl);
  const database = openDatabase({ url: databaseUrl, onError: console.error });
  const signal = postgresInboxSignal({ pool: database.pool, url: databaseUrl, onError: console.error });
  const nextId = countingIds();
  let measured = 0;
  let clients: StreamClients | undefined;
  let subject = 0;

  async function write(users: readonly bigint[]): Promise<void> {
    const at = String(Date.now());
    const wanted = users.map((userId) => ({
      userId,
      kind: 'COUPON_ISSUED' as const,
      subject: `bench-${++subject}`,
      day: '2026-01-01',
      data: { couponName: 'Opening day', couponId: '7330011234567890', at },
    }));
    const once = () =>
      inTransaction(database.pool, (client) => writeNotices(client, wanted, { nextId, nowMs: Date.now() }));
    // A machine without a free core may not come back to a transaction before PostgreSQL ends it. The notices are as late as that makes them.
    await once().catch(once);
    signal.notify(users);
  }
  const watchers = Array.from({ length: streams }, (_, index) => FIRST_WATCHER + BigInt(index));

  /** As the fan-out does: page after page. Personal notices are written beside it. */
  async function writeAll(untilMs: number): Promise<number> {
    let written = 0;
    const broadcasts = (async () => {
      for (let next = performance.now(); performance.now() < untilMs; next += BROADCAST_MS) {
        await sleep(Math.max(0, next - performance.now()));
        for (let from = 0; from < streams && performance.now() < untilMs; from += WRITE_MAX) {
          await write(watchers.slice(from, from + WRITE_MAX));
          written += Math.min(WRITE_MAX, streams - from);
        }
      }
    })();
    const personal = (async () => {
      const startMs = performance.now();
      for (let due = 0; performance.now() < untilMs; ) {
        const now = Math.floor(((performance.now() - startMs) * PERSONAL_PER_SECOND) / 1_000);
        const users = new Set(
          Array.from({ length: now - due }, () => watchers[Math.floor(Math.random() * streams)] ?? FIRST_WATCHER),
        );
        due = now;
        if (users.size > 0) await write([...users].sort((a, b) => (a < b ? -1 : 1)));
        written += users.size;
        await sleep(20);
      }
    })();
    await Promise.all([broadcasts, personal]);
    return written;
  }

  async function issue(): Promise<number> {
    const policyIds = await createPolicies(nodes[0]?.url ?? '', jwtSecret, databaseUrl, 1);
    const files = await Promise.all(
      nodes.map((_, node) => {
        measured += 1;
        const first = FIRST_USER + BigInt(measured) * 10_000_000n;
        return writeTokens(join(workDir, `issue-${measured}-${node}`), jwtSecret, first, seconds * TOKENS_PER_SECOND);
      }),
    );
    const results = await Promise.all(
      nodes.map(({ url }, node) =>
        load.send({ url, policyIds, tokens: files[node] ?? '', repeats: false, connections: CONNECTIONS, seconds }),
      ),
    );
    return results.reduce((sum, { requests, refused }) => sum + (requests - refused) / seconds, 0);
  }

  async function phase(name: string, parts: { readonly issues: boolean; readonly notices: boolean }) {
    await clients?.take();
    const cpu = () => [...nodes.map(({ pid }) => cpuOf(pid) ?? 0), cpuOfChildren(postmaster) ?? 0];
    const before = cpu();
    const untilMs = performance.now() + seconds * 1_000;
    const [issuesPerSecond, written] = await Promise.all([
      parts.issues ? issue() : sleep(seconds * 1_000).then(() => 0),
      parts.notices ? writeAll(untilMs) : 0,
    ]);
    await sleep(1_000);
    const figures = (await clients?.take()) ?? [];
    const cores = cpu().map((after, index) => (after - (before[index] ?? 0)) / seconds);
    const worst = (of: 'p50' | 'p99' | 'max') => Math.max(0, ...figures.map(({ lateMs }) => lateMs[of]));
    const result = {
      name,
      issuesPerSecond,
      noticesWritten: written,
      noticesReceived: figures.reduce((sum, { timed }) => sum + timed, 0),
      lateMs: { p50: worst('p50'), p99: worst('p99'), max: worst('max') },
      closed: figures.reduce((sum, { closed }) => sum + closed, 0),
      cores,
    };
    console.log(
      `${name.padEnd(32)} ${issuesPerSecond.toFixed(0)} issues/s  ${written} notices written, ${result.noticesReceived} received  late p50 ${result.lateMs.p50} p99 ${result.lateMs.p99} max ${result.lateMs.max} ms  cores: nodes ${cores.slice(0, NODES).map((each) => each.toFixed(2))}, PostgreSQL ${cores.at(-1)?.toFixed(2)}  ${result.closed} streams lost`,
    );
    return result;
  }

  try {
    const phases = [await phase('issuing', { issues: true, notices: false })];
    const before = await Promise.all(nodes.map(({ pid }) => residentKb(pid)));
    const perClient = streams / CLIENTS;
    const specs = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, index) => ({
        url: nodes[index % NODES]?.url ?? '',
        path: '/api/v1/notifications/stream',
        streams: perClient,
        tokens: `${await writeTokens(join(workDir, `watch-${index}`), jwtSecret, FIRST_WATCHER + BigInt(index * perClient), perClient)}.1`,
      })),
    );
    const openedAt = performance.now();
    clients = await openStreamClients(specs);
    const openSeconds = (performance.now() - openedAt) / 1_000;
    await sleep(2_000);
    const after = await Promise.all(nodes.map(({ pid }) => residentKb(pid)));
    const kbOfStream = after.map((kb, node) => (kb - (before[node] ?? 0)) / (streams / NODES));
    console.log(
      `${streams} streams open after ${openSeconds.toFixed(1)} s, ${kbOfStream.map((kb) => kb.toFixed(1))} kB each`,
    );
    phases.push(await phase('notices', { issues: false, notices: true }));
    for (let round = 0; round < rounds; round++) {
      phases.push(await phase('issuing beside idle streams', { issues: true, notices: false }));
      phases.push(await phase('issuing and notices', { issues: true, notices: true }));
    }
    clients.close();
    clients = undefined;
    await sleep(2_000);
    phases.push(await phase('issuing', { issues: true, notices: false }));
    const rateOf = (name: string): number => {
      const rates = phases.filter((each) => each.name === name).map(({ issuesPerSecond }) => issuesPerSecond);
      return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    };
    console.log(`issuing keeps ${(rateOf('issuing and notices') / rateOf('issuing')).toFixed(2)}`);
    const machine = await describeMachine(databaseUrl, load.name, undefined);
    const result = {
      ranAt: new Date().toISOString(),
      machine,
      loadBefore,
      ...options,
      openSeconds,
      kbOfStream,
      phases,
    };
    await writeFile(join(options.out, 'notices.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  } finally {
    clients?.close();
    await signal.stop();
    await database.close();
    await Promise.all(nodes.map((node) => node.stop()));
  }
} finally {
  await fixture.close();
}
