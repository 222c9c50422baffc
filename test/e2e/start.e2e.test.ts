import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canUse } from '../../src/platform/postgres/embedded/account.ts';
import { listProcesses } from '../../src/platform/processes.ts';
import { postmasterPid, refusedServe, type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';

const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;
const nobodyCanRun =
  isRoot && canUse(NOBODY, { run: process.execPath }) && canUse(NOBODY, { run: resolve('bin/stampede.js') });

/** A server that was started once and stopped: tests that are not about a first start begin with a copy of its data directory. */
interface EndedServer {
  readonly dir: ReturnType<typeof temporaryDir>;
  readonly dataDir: string;
  readonly url: string;
  readonly output: string;
}
let ended: EndedServer;
beforeAll(async () => {
  const dir = temporaryDir();
  const dataDir = join(dir.path, 'data');
  const server = await startServe({ dataDir });
  await server.end('SIGTERM');
  ended = { dir, dataDir, url: server.url, output: server.output() };
});
afterAll(() => ended?.dir.remove());

let dir: ReturnType<typeof temporaryDir>;
let dataDir: string;
const started: ServerProcess[] = [];
beforeEach(() => {
  dir = temporaryDir();
  dataDir = join(dir.path, 'data');
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.end('SIGKILL');
  await dir.remove();
});

async function serve(options: Partial<Parameters<typeof startServe>[0]> = {}): Promise<ServerProcess> {
  const server = await startServe({ dataDir, ...options });
  started.push(server);
  return server;
}

/** With the owners of its files, which cpSync does not keep. */
const copyEnded = (): Buffer => execFileSync('cp', ['-a', ended.dataDir, dataDir]);

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

const statusOf = (url: string): Promise<number> =>
  fetch(url).then(
    ({ status }) => status,
    () => 0,
  );

async function becomesReady(server: ServerProcess): Promise<void> {
  while ((await statusOf(`${server.url}/readyz`)) !== 200) await sleep(50);
}

const processesOn = (path: string) => listProcesses().filter(({ command }) => command.includes(`postgres -D ${path}/`));

describe('a first start', () => {
  let fresh: ReturnType<typeof temporaryDir>;
  let server: ServerProcess;
  const pathOf = (name: string) => join(fresh.path, 'data', name);
  const secretsFile = () => JSON.parse(readFileSync(pathOf('secrets.json'), 'utf8'));
  beforeAll(async () => {
    fresh = temporaryDir();
    server = await startServe({ dataDir: join(fresh.path, 'data') });
  });
  afterAll(async () => {
    await server?.end('SIGKILL');
    await fresh.remove();
  });

  it('a first start serves on a PostgreSQL 18 of its own that keeps what it acknowledged', async () => {
    expect(await statusOf(`${server.url}/readyz`)).toBe(200);
    const settings = "current_setting('server_version_num')::int / 10000 as major, current_setting('fsync') as fsync";
    const rows = await query(server.databaseUrl, `select ${settings}, current_setting('synchronous_commit') as sync`);
    expect(rows).toEqual([{ major: 18, fsync: 'on', sync: 'on' }]);
  });

  it('a first start stores its secrets readable by the owner only', () => {
    const modeOf = (name: string) => statSync(pathOf(name)).mode & 0o777;
    expect([modeOf('secrets.json'), modeOf('run.json'), modeOf('postgres')]).toEqual([0o600, 0o600, 0o700]);
  });

  it.runIf(isRoot)('a server of root runs PostgreSQL under an unprivileged account', () => {
    expect(statSync(pathOf('postgres')).uid).not.toBe(0);
    expect(lstatSync(pathOf('postgres')).isSymbolicLink()).toBe(false);
  });

  it('a first start prints the addresses, and where the password of the administrator is, which the next start does not repeat', async () => {
    const path = join(ended.dataDir, 'admin-password.txt');
    expect(ended.output).toContain(`${ended.url}/api/docs`);
    expect(ended.output).toContain(`admin@stampede.local  password in ${path}  (delete the file when you have it)`);
    copyEnded();
    const next = await serve();
    expect(next.output()).toContain(`${next.url}/api/docs`);
    expect(next.output()).not.toContain('admin-password.txt');
  });

  it('docs/attacks.md 55: no secret is on standard output outside of a terminal, and the files with them are private', async () => {
    const password = readFileSync(pathOf('admin-password.txt'), 'utf8').trim();
    expect(statSync(pathOf('admin-password.txt')).mode & 0o777).toBe(0o600);
    const json = { email: 'admin@stampede.local', password };
    const headers = { 'content-type': 'application/json' };
    const login = await fetch(`${server.url}/api/v1/auth/login`, {
      method: 'POST',
      headers,
      body: JSON.stringify(json),
    });
    expect(login.status).toBe(200);
    const secrets = [password, new URL(server.databaseUrl).password, new URL(server.ownerUrl).password];
    const { jwtSecret, webhookSecret } = secretsFile();
    for (const secret of [...secrets, jwtSecret, webhookSecret]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(server.output()).not.toContain(secret);
    }
  });

  it('a first start whose password cannot be kept creates no account', async () => {
    const occupied = join(fresh.path, 'occupied');
    writeFileSync(occupied, '');
    // In a database of its own: one of a running process would refuse it before that, for its other provider of payments.
    await query(server.ownerUrl, 'create database occupied');
    const DATABASE_URL = Object.assign(new URL(server.ownerUrl), { pathname: '/occupied' }).href;
    const refused = await refusedServe({
      dataDir: occupied,
      env: {
        NODE_ENV: 'production',
        JWT_SECRET: secretsFile().jwtSecret,
        DATABASE_URL,
        STAMPEDE_ADMIN_EMAIL: 'other@example.com',
      },
    });
    expect(refused.output).toContain(`cannot be written to ${join(occupied, 'admin-password.txt')} (`);
    expect(refused.code).toBe(1);
    expect(await query(DATABASE_URL, "select 1 from identity.users where email = 'other@example.com'")).toEqual([]);
  });
});

describe('a stop', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('a stop by %s ends everything cleanly, with exit code 0', async (name) => {
    copyEnded();
    const server = await serve();
    expect(await server.end(name)).toBe(0);
    expect(processesOn(dataDir)).toEqual([]);
    expect(existsSync(join(dataDir, 'run.json'))).toBe(false);
    expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(false);
  });
});

describe('it comes back', () => {
  beforeEach(() => copyEnded());

  it('a server starts again after only the server was killed and its PostgreSQL was left behind', async () => {
    const first = await serve();
    const orphan = postmasterPid(dataDir);
    await query(first.ownerUrl, 'create schema kept; create table kept.row as select 42 as answer');
    await first.end('SIGKILL');
    const second = await serve();
    expect(postmasterPid(dataDir)).not.toBe(orphan);
    expect(await query(second.ownerUrl, 'select answer from kept.row')).toEqual([{ answer: 42 }]);
    expect(await statusOf(`${second.url}/readyz`)).toBe(200);
  });

  it('a server starts again after a kill -9 of everything', async () => {
    const first = await serve();
    await query(first.ownerUrl, 'create schema kept; create table kept.row as select 42 as answer');
    process.kill(postmasterPid(dataDir), 'SIGKILL');
    await first.end('SIGKILL');
    const second = await serve();
    expect(await query(second.ownerUrl, 'select answer from kept.row')).toEqual([{ answer: 42 }]);
    expect(await statusOf(`${second.url}/readyz`)).toBe(200);
  });

  it('a server recovers on the same address when only PostgreSQL is killed', async () => {
    const server = await serve();
    const before = postmasterPid(dataDir);
    process.kill(before, 'SIGKILL');
    while (!existsSync(join(dataDir, 'postgres/postmaster.pid')) || postmasterPid(dataDir) === before) await sleep(50);
    await becomesReady(server);
    expect(await query(server.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await server.end('SIGINT')).toBe(0);
  });

  it('a server starts again when the pid in postmaster.pid belongs to another program by now', async () => {
    const first = await serve();
    process.kill(postmasterPid(dataDir), 'SIGKILL');
    await first.end('SIGKILL');
    const pidFile = join(dataDir, 'postgres/postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
    const second = await serve();
    expect(await statusOf(`${second.url}/readyz`)).toBe(200);
  });
});

describe('one clear line and exit code 1', () => {
  it('a start fails in one clear line when the data directory is in use by a running server', async () => {
    copyEnded();
    const server = await serve();
    const { code, output } = await refusedServe({ dataDir });
    expect(code).toBe(1);
    expect(output).toMatch(/^stampede: The data directory \S+ is in use by a running Stampede [^\n]+\n$/);
    expect(output).toContain(`(pid ${server.pid}, ${server.url})`);
    expect(await statusOf(`${server.url}/readyz`)).toBe(200);
  });

  it('a start fails in one clear line when the port is in use', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const { code, output } = await refusedServe({ dataDir, env: { PORT: String(port) } });
    holder.close();
    expect({ code, output }).toEqual({
      code: 1,
      output: `stampede: Port ${port} of 127.0.0.1 is in use. Stop what listens there, or set PORT to a free one.\n`,
    });
    expect(processesOn(dataDir)).toEqual([]);
  });

  it('a start fails in one clear line when the data directory cannot be written', async () => {
    const { code, output } = await refusedServe({ dataDir: '/proc/stampede' });
    expect(code).toBe(1);
    expect(output).toMatch(/^stampede: The data directory \/proc\/stampede cannot be written \(\w+\)\. [^\n]+\n$/);
  });

  it('a start fails in one clear line when a variable is invalid', async () => {
    const { code, output } = await refusedServe({ dataDir, env: { PORT: '99999' } });
    expect(code).toBe(1);
    expect(output).toBe('stampede: PORT="99999" must be a whole number from 0 to 65535. Set for example PORT=4000.\n');
  });

  it('a start fails in one clear line when DATABASE_URL leads nowhere', async () => {
    const { code, output } = await refusedServe({ dataDir, env: { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/none' } });
    expect(code).toBe(1);
    expect(output).toMatch(/^stampede: DATABASE_URL: connect ECONNREFUSED 127\.0\.0\.1:1\. [^\n]+\n$/);
  });

  it('a start fails in one clear line when the secrets of an existing database are gone', async () => {
    copyEnded();
    rmSync(join(dataDir, 'secrets.json'));
    const { code, output } = await refusedServe({ dataDir });
    expect(code).toBe(1);
    expect(output).toMatch(/^stampede: \S+secrets\.json is missing: [^\n]+\n$/);
  });
});

describe('accounts', () => {
  it.runIf(nobodyCanRun)('a server of an unprivileged user runs all its processes as that user', async () => {
    chownSync(dir.path, NOBODY.uid, NOBODY.gid);
    const server = await serve({ user: NOBODY });
    expect(await statusOf(`${server.url}/readyz`)).toBe(200);
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(NOBODY.uid);
    expect(await server.end('SIGTERM')).toBe(0);
  });

  it.runIf(isRoot)('a data directory that the account cannot reach becomes a link to one that it can', async () => {
    chmodSync(dir.path, 0o700);
    const server = await serve();
    expect(await statusOf(`${server.url}/readyz`)).toBe(200);
    expect(lstatSync(join(dataDir, 'postgres')).isSymbolicLink()).toBe(true);
    expect(await server.end('SIGTERM')).toBe(0);
    const again = await serve();
    const home = dirname(realpathSync(join(dataDir, 'postgres')));
    expect(await again.end('SIGTERM')).toBe(0);
    rmSync(home, { recursive: true });
  });
});
