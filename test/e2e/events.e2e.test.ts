import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';

const PROGRAM = resolve('bin/stampede.js');
const dir = temporaryDir();
const dataDir = join(dir.path, 'data');
let server: ServerProcess;
let client: pg.Client;

beforeAll(async () => {
  server = await startServe({ dataDir });
  client = new pg.Client({ connectionString: server.databaseUrl });
  client.on('error', () => {});
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await server.end('SIGTERM');
  await dir.remove();
});

const env = { PATH: process.env['PATH'], STAMPEDE_DATA_DIR: dataDir };

function stampede(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((settle) => {
    execFile(process.execPath, [PROGRAM, ...args], { env }, (error, stdout, stderr) =>
      settle({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const expired = (eventId: string, data: Readonly<Record<string, unknown>>) => ({
  eventId,
  eventType: 'COUPON_EXPIRED',
  timestamp: '2026-01-01T00:00:00.000Z',
  data: { couponId: '1', policyId: '2', userId: '3', storeId: null, timezone: 'Asia/Seoul', ...data },
  metadata: { correlationId: 'c', source: 'coupon', version: '1.0' },
});

/** As a consumer that could not handle it would leave it. */
const leaveLetter = (eventId: string, data: Readonly<Record<string, unknown>>) =>
  client.query(
    `insert into platform.dead_letters (consumer, event_id, topic, key, event, reason)
     values ('statistics.coupons', $1, 'coupon.expired', '1', $2, 'Error: it was a bad day')`,
    [eventId, JSON.stringify(expired(eventId, data))],
  );

// A consumer that fails does so five times, over 8.5 s, and each command is a start of the program.
test('dead letters are listed, shown and replayed by the running server', async () => {
  expect((await stampede('dlq', 'list')).stdout).toMatch(/^Nothing in the database: every event was handled\./);
  await leaveLetter('77:0', { expiredAt: '2026-01-01T00:00:00.000Z' });
  await leaveLetter('77:1', { expiredAt: 'never' });

  const list = await stampede('dlq', 'list', '--topic', 'coupon.expired', '--json');
  expect(
    list.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual(['77:0', '77:1']);
  const shown = await stampede('dlq', 'show', '77:1');
  expect(shown.stdout).toContain('reason    Error: it was a bad day');
  expect(shown.stdout).toContain('"expiredAt": "never"');

  const replayed = await stampede('dlq', 'replay', '--all');
  expect(replayed).toMatchObject({ code: 1, stderr: '' });
  expect(replayed.stdout).toContain('1 handled.');
  expect(replayed.stdout).toMatch(/1 failed again:\n77:1 {2}statistics.coupons {2}Error: coupon.expired: expiredAt/);
  const left = await client.query('select event_id, replay_at from platform.dead_letters');
  expect(left.rows).toEqual([{ event_id: '77:1', replay_at: null }]);
  const { rows } = await client.query(`select source from platform.inbox where source = '77'`);
  expect(rows).toHaveLength(1);
});

test('dlq and events report what they cannot do in one line', async () => {
  const missing = await stampede('dlq', 'show', '1:1');
  expect(missing).toEqual({
    code: 1,
    stdout: '',
    stderr: 'stampede: There is no dead letter 1:1. See: npx stampede-server dlq list\n',
  });
  expect((await stampede('dlq', 'replay')).stderr).toMatch(/^stampede: Name the event ids/);
  expect((await stampede('events', 'tail', '--topic', 'coupon.isued')).stderr).toMatch(/^stampede: There is no topic/);
});

test('events tail shows events as they are published, until it is ended', async () => {
  const tail = spawn(process.execPath, [PROGRAM, 'events', 'tail', '--topic', 'user.signed_up'], { env });
  let shown = '';
  let said = '';
  tail.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text;
  });
  tail.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  await vi.waitFor(() => expect(said).toContain('Waiting for events'), { timeout: 60_000 });
  // The server notices it with its next poll of the outbox, at the latest.
  await vi.waitFor(
    async () => {
      await fetch(`${server.url}/api/v1/auth/signup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          email: `${Math.random()}@example.com`,
          password: 'a-long-enough-password',
          name: 'Minji',
        }),
      });
      expect(shown).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}user\.signed_up +userId=\d+ email=0\.\d+@example\.com\n/);
    },
    { timeout: 60_000, interval: 1_500 },
  );
  tail.kill('SIGINT');
  const [code] = await once(tail, 'exit');
  expect(code).toBe(0);
});
