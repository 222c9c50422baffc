import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANNOUNCEMENT_EXAMPLE } from '../../src/commands/resources/announcements.ts';
import { policyBody } from '../attacks/support.ts';
import { type CommandResult, runCommand } from '../support/run-command.ts';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';

const EMAIL = 'admin@shop.example';
const PASSWORD = 'correct horse battery staple';
const dir = temporaryDir();
/** Another machine: no data directory, no variable of the server. */
const cwd = join(dir.path, 'elsewhere');
const sessions = join(cwd, 'config/stampede/sessions.json');
let server: ServerProcess;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  mkdirSync(cwd);
  env = { XDG_CONFIG_HOME: join(cwd, 'config') };
  server = await startServe({
    dataDir: join(dir.path, 'data'),
    env: { STAMPEDE_ADMIN_EMAIL: EMAIL, STAMPEDE_ADMIN_PASSWORD: PASSWORD },
  });
  await logIn();
});
afterAll(async () => {
  await server.end('SIGTERM');
  await dir.remove();
});

const stampede = (...args: string[]): Promise<CommandResult> => runCommand(args, { env, cwd });
const withKey = (apiKey: string, ...args: string[]): Promise<CommandResult> =>
  runCommand(args, { env: { STAMPEDE_URL: server.url, STAMPEDE_API_KEY: apiKey }, cwd });

/** The document that a command printed. */
async function json(...args: string[]): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout, stderr } = await stampede(...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

async function createPolicy(changes: Readonly<Record<string, unknown>>): Promise<string> {
  const file = join(cwd, 'policy-terms.json');
  writeFileSync(file, JSON.stringify(policyBody(changes)));
  return String((await json('policies', 'create', '--file', file))['couponPolicyId']);
}

const createKey = async (scopes: string): Promise<string> =>
  String((await json('keys', 'create', '--name', 'a machine', '--scopes', scopes))['secret']);

const logIn = (): Promise<CommandResult> =>
  runCommand(['login', '--url', `${server.url}/`, '--email', EMAIL, '--password-stdin'], {
    env,
    cwd,
    input: `${PASSWORD}\n`,
  });

interface Sessions {
  readonly servers: Record<string, { renewAtMs: number; refreshToken: string }>;
}
const readSessions = (): Sessions => JSON.parse(readFileSync(sessions, 'utf8'));

describe('a session of stampede login', () => {
  test('a session is kept in a file that only its user can read', async () => {
    expect(statSync(sessions).mode & 0o777).toBe(0o600);
    expect(statSync(join(cwd, 'config/stampede')).mode & 0o777).toBe(0o700);
    expect((await stampede('users', 'me')).stdout).toMatch(new RegExp(`^EMAIL +${EMAIL}$`, 'm'));
  });

  test('commands that run at the same time exchange an ended token once', async () => {
    const before = readSessions();
    const session = before.servers[server.url];
    writeFileSync(sessions, JSON.stringify({ ...before, servers: { [server.url]: { ...session, renewAtMs: 0 } } }));
    const results = await Promise.all(Array.from({ length: 4 }, () => stampede('users', 'me')));
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 4 }, () => [0, '']));
    expect(readSessions().servers[server.url]?.refreshToken).not.toBe(session?.refreshToken);
    expect(statSync(sessions).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(cwd, 'config/stampede'))).toEqual(['sessions.json']);
  });

  test('a wrong password, and a missing one, are refused with what to do', async () => {
    const login = ['login', '--url', server.url, '--email', EMAIL];
    const wrong = await runCommand([...login, '--password-stdin'], { env, cwd, input: 'wrong' });
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      expect.stringContaining(`stampede: ${server.url} does not accept this e-mail address and password.`),
    ]);
    expect((await stampede(...login)).code).toBe(2);
  });

  test('a session that was ended is forgotten, and the command says how to log in again', async () => {
    const before = readFileSync(sessions, 'utf8');
    expect((await stampede('logout')).stdout).toBe(`Logged out at ${server.url}.\n`);
    expect(readSessions().servers).toEqual({});
    const without = await stampede('users', 'me', '--url', server.url);
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining(`login --url ${server.url}`)]);
    // A copy of the file from before is worth nothing.
    writeFileSync(sessions, before.replace(/"renewAtMs": \d+/, '"renewAtMs": 0'));
    const ended = await stampede('users', 'me');
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('has ended. Log in again')]);
    expect(readSessions().servers).toEqual({});
    await logIn();
  });
});

describe('a policy from the command line', () => {
  test('its life is a command for each step', async () => {
    const id = await createPolicy({ distributionType: 'FIRST_COME', maxIssueCount: 5, name: '여름 쿠폰' });
    const status = async (...args: string[]) => (await json('policies', ...args))['status'];
    expect(await status('pause', id)).toBe('PAUSED');
    expect(await status('activate', id)).toBe('ACTIVE');
    expect((await stampede('policies', 'suspend', id)).code).toBe(2);
    expect((await json('policies', 'suspend', id, '--reason', 'its terms are wrong'))['suspended']).toBe(true);
    expect((await json('policies', 'resume', id))['suspended']).toBe(false);
    writeFileSync(join(cwd, 'read.json'), JSON.stringify(await json('policies', 'get', id)));
    const changed = await json('policies', 'update', id, '--file', 'read.json', '--name', '가을 쿠폰');
    expect(changed['name']).toBe('가을 쿠폰');
    expect(await json('policies', 'stock', id)).toMatchObject({ remainingStock: 5, available: true });
    expect(await status('end', id)).toBe('ENDED');
    const refused = await stampede('policies', 'activate', id);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^stampede: .+: .+ \([A-Z_]+, request .+\)\n/);
  });

  test('a list is a table whose columns are aligned for Korean names, and one line for each item with --all --json', async () => {
    const store = await json('stores', 'create', '--name', '한강 카페', '--category', '카페', '--status', 'OPEN');
    await stampede('stores', 'create', '--name', 'River', '--category', 'CAFE', '--status', 'OPEN');
    const { stdout } = await stampede('stores', 'list');
    const [heading = '', ...rows] = stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^STORE ID +NAME +CATEGORY +STATUS +FOLLOWERS +OWNER ID +CREATED AT$/);
    const korean = rows.find((row) => row.includes('한강 카페')) ?? '';
    // 9 places for 5 characters: four of them are wide.
    expect(korean).toContain(`${store['storeId']}  한강 카페  카페      OPEN    `);
    const lines = (await stampede('stores', 'list', '--all', '--json', '--limit', '1')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).name)).toEqual(['River', '한강 카페']);
    const page = await stampede('stores', 'list', '--limit', '1');
    expect(page.stderr).toMatch(/^There are more: --cursor \S+ is the next page, --all every page\.\n$/);
  });
});

describe('an API key at the command line', () => {
  test('a key issues coupons from a file, and the rows that failed are downloaded with it', async () => {
    const policy = await createPolicy({ distributionType: 'DIRECT', maxIssueCount: 100 });
    const key = await createKey('coupons:issue,coupons:read,policies:read');
    writeFileSync(join(cwd, 'users.csv'), 'userId\n11\n12\nnobody\n');
    const issued = await withKey(
      key,
      'direct-issue',
      '--policy',
      policy,
      '--file',
      'users.csv',
      '--errors',
      'failed.csv',
    );
    expect([issued.code, issued.stderr]).toEqual([1, '']);
    expect(issued.stdout).toContain('3 rows done, 1 of them failed\n');
    expect(readFileSync(join(cwd, 'failed.csv'), 'utf8')).toContain('nobody');
    const coupons = await withKey(key, 'coupons', 'list', '11');
    expect([coupons.code, coupons.stdout.split('\n').length]).toEqual([0, 3]);
  });

  test('a key without the scope is refused with the scope that it lacks', async () => {
    const refused = await withKey(await createKey('coupons:read'), 'users', 'list');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('SCOPE_MISSING');
    expect(refused.stderr).toContain('the scope users:read');
  });

  test('codes of a file are imported and exported', async () => {
    const policy = await createPolicy({ distributionType: 'CODE', maxIssueCount: null });
    writeFileSync(join(cwd, 'codes.csv'), 'code\nSUMMER-AAAA-1111-BBBB\nSUMMER-CCCC-2222-DDDD\n');
    const dry = await stampede('codes', 'import', '--policy', policy, '--file', 'codes.csv', '--dry-run');
    expect(dry).toEqual({
      code: 0,
      stdout: '2 rows, of which 2 rows would be added and 0 rows would fail\nNothing was changed.\n',
      stderr: '',
    });
    expect((await stampede('codes', 'import', '--policy', policy, '--file', 'codes.csv')).code).toBe(0);
    const { stdout } = await stampede('codes', 'export', '--policy', policy);
    expect(stdout.trimEnd().split('\r\n')).toHaveLength(3);
  });

  test('the option stands before the variable, and an address without a server is reported in one line', async () => {
    const refused = await withKey('sk_stampede_1_wrong', 'stores', 'list', '--api-key', await createKey('stores:read'));
    expect(refused.code).toBe(0);
    const away = await stampede('users', 'me', '--url', 'http://127.0.0.1:9', '--api-key', 'x');
    expect([away.code, away.stderr]).toEqual([1, expect.stringContaining('No server responds at http://127.0.0.1:9')]);
  });
});

test('an announcement is created from a file, gets its users from another one, and is watched', async () => {
  const text = { title: '주말', body: '모든 음료가 쌉니다.' };
  const announcement = { audience: { type: 'USERS' }, class: 'TRANSACTIONAL', ko: text, en: text };
  writeFileSync(join(cwd, 'announcement.json'), JSON.stringify(announcement));
  writeFileSync(join(cwd, 'readers.csv'), 'userId\n11\n12\n');
  const id = String((await json('announcements', 'create', '--file', 'announcement.json'))['jobId']);
  expect((await stampede('announcements', 'add-users', id, '--file', 'readers.csv')).code).toBe(0);
  const watched = await stampede('jobs', 'watch', id);
  expect([watched.code, watched.stdout.endsWith('2 users done\n')]).toEqual([0, true]);
});

test('a webhook is created, changed and deleted by commands, and what was sent to it is listed', async () => {
  const created = await json(
    'webhooks',
    'create',
    'https://shop.example.com/',
    '--topics',
    'order.paid,order.refunded',
  );
  const id = String(created['webhookId']);
  expect(created).toMatchObject({ topics: ['order.paid', 'order.refunded'], secret: expect.stringMatching(/^whsec_/) });
  expect(await json('webhooks', 'update', id, '--topics', '*', '--description', 'all')).toMatchObject({
    topics: ['*'],
    description: 'all',
  });
  expect(await json('webhooks', 'rotate-secret', id, '--overlap-hours', '0')).not.toHaveProperty(
    'secret',
    created['secret'],
  );
  expect(await json('webhooks', 'disable', id)).toMatchObject({ enabled: false, disabledReason: 'ADMIN' });
  const refused = await stampede('webhooks', 'test', id);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('WEBHOOK_DISABLED')]);
  expect((await stampede('webhooks', 'list')).stdout).toContain(id);
  expect(await json('webhooks', 'deliveries', id, '--status', 'PENDING')).toMatchObject({ deliveries: [] });
  expect((await stampede('webhooks', 'delete', id)).stdout).toBe('The webhook is deleted.\n');
});

test('the examples of docs/cli.md run word for word', async () => {
  const page = readFileSync('docs/cli.md', 'utf8');
  const [, example = '', terms = '', announcement = ''] =
    /```sh\n(stampede login[\s\S]*?)```[\s\S]*?```json\n([\s\S]*?)```[\s\S]*?```json\n([\s\S]*?)```/.exec(page) ?? [];
  writeFileSync(join(cwd, 'password.txt'), PASSWORD);
  writeFileSync(join(cwd, 'policy-terms.json'), terms);
  expect(JSON.parse(announcement)).toEqual(ANNOUNCEMENT_EXAMPLE);
  writeFileSync(join(cwd, 'announcement.json'), announcement);
  const program = `stampede() { "${process.execPath}" "${resolve('bin/stampede.js')}" "$@"; }\nset -eo pipefail\n`;
  const variables = { ...env, PATH: process.env['PATH'], SERVER: server.url, EMAIL };
  const { stdout } = await promisify(execFile)('bash', ['-c', program + example], { cwd, env: variables });
  expect(stdout).toContain('여름 쿠폰');
  expect(JSON.parse(readFileSync(join(cwd, 'key.json'), 'utf8')).secret).toMatch(/^sk_stampede_/);
  expect(JSON.parse(readFileSync(join(cwd, 'announcement-job.json'), 'utf8')).status).toBe('OPEN');
  expect(readSessions().servers).toEqual({});
});
