/**
 * npm run test:fuzz: sends requests that Schemathesis generates from the OpenAPI document, valid and invalid ones, to a server of its own, as every
 * kind of caller. `-- --short` sends about a tenth of them. Exits 1 when a response is not what the document says, or is a 5xx.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { API_KEY_SCOPES } from '../../src/contexts/identity/api.ts';
import { accessTokens, type Role, validFor } from '../../src/platform/http/access-token.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { NoPython } from '../../tools/python-environment.ts';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';
import { installSchemathesis } from './install.ts';

const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };
const SECRET = 'fuzz-tests-fuzz-tests-fuzz-tests-fuzz-tests';
const HERE = import.meta.dirname;
const REPORTS = resolve('.stampede/fuzz');

/** The headers that make a request one of this caller's. */
type Headers = Readonly<Record<string, string>>;

interface Run {
  readonly caller: string;
  readonly headers: Headers;
  /** Of cases for each operation and kind of data that Schemathesis draws. */
  readonly drawn: number;
  /** With all values that the document names as bounds, every method and every header: several thousand cases. */
  readonly coverage: boolean;
  /** Customers who must not see what the other has. */
  readonly peers?: Readonly<Record<string, Headers>>;
}

const Report = z.object({
  test_cases: z.object({ generated: z.number(), unique_failures: z.number(), errored: z.number() }),
});

const { values: options } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
try {
  const command = await installSchemathesis();
  mkdirSync(REPORTS, { recursive: true });
  let cases = 0;
  let failures = 0;
  for (const runs of options.short ? [shortRuns] : [callerRuns, peerRuns, scopeRuns]) {
    const results = await onServer(async (server) => {
      const found = [];
      for (const run of await runs(server.url)) found.push(await fuzz(command, server.url, run));
      return found;
    });
    for (const result of results) {
      cases += result.cases;
      failures += result.failures;
    }
  }
  process.stdout.write(`${cases} cases, ${failures} failures\n`);
  process.exitCode = failures === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof NoPython)) throw error;
  const isRequired = process.env['REQUIRE_FUZZ'] === '1';
  process.stderr.write(`The fuzz tests ${isRequired ? 'cannot run' : 'are left out'}: ${error.message}\n`);
  process.exitCode = isRequired ? 1 : 0;
}

async function onServer<Result>(use: (server: ServerProcess) => Promise<Result>): Promise<Result> {
  const dir = temporaryDir();
  const server = await startServe({
    dataDir: join(dir.path, 'data'),
    env: {
      JWT_SECRET: SECRET,
      STAMPEDE_RATE_LIMIT: 'off',
      STAMPEDE_ADMIN_EMAIL: ADMIN.email,
      STAMPEDE_ADMIN_PASSWORD: ADMIN.password,
    },
  });
  try {
    return await use(server);
  } finally {
    await server.end('SIGTERM');
    await dir.remove();
  }
}

/** Everything as anonymous, as a customer, as the owner of a store, as an administrator, and with a key for all. */
async function callerRuns(url: string): Promise<readonly Run[]> {
  const admin = await logIn(url);
  const run = { drawn: 15, coverage: true };
  return [
    { caller: 'anonymous', headers: {}, ...run },
    { caller: 'customer', headers: await signUp(url, 'CUSTOMER'), ...run },
    { caller: 'owner', headers: await ownerOfStore(url), ...run },
    { caller: 'key with admin', headers: await keyWith(url, admin, 'admin'), ...run },
    // Last, because it locks accounts and revokes keys.
    { caller: 'administrator', headers: admin, ...run },
  ];
}

/** As two customers: what one has, the other must not read. */
async function peerRuns(url: string): Promise<readonly Run[]> {
  const peers = { one: await signUp(url, 'CUSTOMER'), other: await signUp(url, 'CUSTOMER') };
  return [{ caller: 'two customers', headers: {}, peers, drawn: 10, coverage: false }];
}

/** With a key for each scope, for a customer. */
async function scopeRuns(url: string): Promise<readonly Run[]> {
  const admin = await logIn(url);
  const customer = { 'X-User-Id': await newUser(url, 'CUSTOMER') };
  const runs: Run[] = [];
  for (const scope of API_KEY_SCOPES.filter((each) => each !== 'admin')) {
    const headers = { ...(await keyWith(url, admin, scope)), ...customer };
    runs.push({ caller: `key with ${scope}`, headers, drawn: 2, coverage: false });
  }
  return runs;
}

async function shortRuns(url: string): Promise<readonly Run[]> {
  const admin = await logIn(url);
  return [
    { caller: 'customer', headers: await signUp(url, 'CUSTOMER'), drawn: 2, coverage: false },
    { caller: 'administrator', headers: admin, drawn: 1, coverage: true },
  ];
}

async function fuzz(command: string, url: string, run: Run): Promise<{ cases: number; failures: number }> {
  const name = run.caller.replaceAll(/[^a-z]+/g, '-');
  const report = join(REPORTS, `${name}.json`);
  const phases = ['examples', ...(run.coverage ? ['coverage'] : []), 'fuzzing', ...(run.peers ? ['stateful'] : [])];
  const args = ['--config-file', configOf(name, run), 'run', `${url}/api/openapi.json`, '--url', url, '--no-color'];
  args.push('--phases', phases.join(','), '--max-examples', String(run.drawn));
  // The same cases in every run: CI finds what a change broke, not what chance finds.
  if (options.short) args.push('--generation-deterministic');
  args.push('--report', 'json', '--report-json-path', report);
  for (const [header, value] of Object.entries(run.headers)) args.push('--header', `${header}: ${value}`);
  const output = await outputOf(command, args);
  writeFileSync(join(REPORTS, `${name}.txt`), output);
  const { generated, unique_failures, errored } = Report.parse(JSON.parse(readFileSync(report, 'utf8'))).test_cases;
  process.stdout.write(
    `${run.caller.padEnd(26)} ${String(generated).padStart(6)} cases ${unique_failures + errored} failures\n`,
  );
  if (unique_failures + errored > 0) process.stdout.write(output);
  return { cases: generated, failures: unique_failures + errored };
}

function configOf(name: string, { peers }: Run): string {
  const path = join(REPORTS, `${name}.toml`);
  const fixed = readFileSync(join(HERE, 'schemathesis.toml'), 'utf8');
  if (peers === undefined) {
    writeFileSync(path, fixed);
    return path;
  }
  const auth = Object.entries(peers).map(([peer, headers]) => ({
    name: peer,
    fixedHeaders: Object.entries(headers).map(([header, value]) => ({ name: header, value })),
  }));
  const users = join(REPORTS, `${name}-users.json`);
  writeFileSync(users, JSON.stringify({ auth }));
  const names = JSON.stringify(Object.keys(peers));
  writeFileSync(path, `${fixed}\n[auth.wfc]\npath = ${JSON.stringify(users)}\npeers = ${names}\n`);
  return path;
}

function outputOf(command: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, PYTHONPATH: HERE, PYTHONDONTWRITEBYTECODE: '1', SCHEMATHESIS_HOOKS: 'checks' };
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // 0: nothing was found, 1: something was. Whatever else it is, it did not test.
    child.on('close', (code) => (code === 0 || code === 1 ? resolve(output) : reject(new Error(output))));
  });
}

/** Tokens without a session, as a shop's own login signs them: no request ends them, and they outlast a run. */
function tokenFor(sub: string, role: Role): Headers {
  const token = accessTokens(SECRET, Date.now).sign({ sub, role, ...validFor(HOUR_MS / 1_000, Date.now()) });
  return { Authorization: `Bearer ${token}` };
}

async function newUser(url: string, role: 'CUSTOMER' | 'OWNER'): Promise<string> {
  const body = { email: `${randomUUID()}@example.com`, password: 'one of the callers', name: 'Fuzz', role };
  const { userId } = await post(url, '/auth/signup', body, {});
  return String(userId);
}

async function signUp(url: string, role: 'CUSTOMER' | 'OWNER'): Promise<Headers> {
  return tokenFor(await newUser(url, role), role);
}

async function ownerOfStore(url: string): Promise<Headers> {
  const owner = await signUp(url, 'OWNER');
  await post(url, '/stores', { name: 'Cafe Sol', category: 'CAFE' }, owner);
  return owner;
}

async function logIn(url: string): Promise<Headers> {
  const { accessToken } = await post(url, '/auth/login', ADMIN, {});
  const profile = await fetch(`${url}/api/v1/auth/profile`, { headers: { authorization: `Bearer ${accessToken}` } });
  const { userId } = z.object({ userId: z.string() }).parse(await profile.json());
  return tokenFor(userId, 'ADMIN');
}

async function keyWith(url: string, admin: Headers, scope: string): Promise<Headers> {
  const { secret } = await post(url, '/auth/api-keys', { name: 'fuzz', scopes: [scope] }, admin);
  return { 'X-Api-Key': String(secret) };
}

async function post(url: string, path: string, body: unknown, headers: Headers): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return z.record(z.string(), z.unknown()).parse(await response.json());
}
