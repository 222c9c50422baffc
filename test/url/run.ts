/**
 * npm run test:url: starts one `stampede serve` on a fresh directory, runs the tests that speak HTTP against it, and audits what they left.
 * npm run test:cluster: the same against every part as processes of their own (npm run cluster), with what differs left out by a tag.
 * `-- --shards 2` as the first arguments: with that many databases of coupon and of point.
 * With STAMPEDE_TEST_URL it starts no server, and the tests run against that one (CONTRIBUTING.md). Arguments go to Vitest: `-- test/attacks/races.int.test.ts`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { webhookSecret } from '../../src/platform/http/webhook-signature.ts';
import { StartError } from '../../src/platform/kernel/start-error.ts';
import { readOptions } from '../../tools/cluster/options.ts';
import { startCluster } from '../../tools/cluster/start.ts';
import { startServe, temporaryDir } from '../support/serve.ts';
import { CLUSTER_TAGS, TAGS } from './tags.ts';

const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };
const SECRET = 'url-tests-url-tests-url-tests-url-tests';
const WEBHOOK_SECRETS = ['url-tests', 'url-tests-of-before']
  .map((text) => webhookSecret(Buffer.alloc(32, text)))
  .join(',');
const SETTINGS = {
  JWT_SECRET: SECRET,
  PAYMENT_WEBHOOK_SECRET: WEBHOOK_SECRETS,
  STAMPEDE_SANDBOX: 'on',
  STAMPEDE_RATE_LIMIT: 'off',
  STAMPEDE_ADMIN_EMAIL: ADMIN.email,
  STAMPEDE_ADMIN_PASSWORD: ADMIN.password,
};

const args = process.argv.slice(2);
const isCluster = args[0] === '--cluster';
if (isCluster) args.shift();
const shards = isCluster && args[0] === '--shards' ? args.splice(0, 2) : [];
const FILTER = TAGS.filter(({ name }) => isCluster || !CLUSTER_TAGS.includes(name))
  .map(({ name }) => `!${name}`)
  .join(' && ');

try {
  if (isCluster) process.exitCode = await onCluster();
  else process.exitCode = process.env['STAMPEDE_TEST_URL'] === undefined ? await onOwnServer() : await tests({});
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Returns the exit code: 0 when the tests passed and the audits found nothing. */
async function onOwnServer(): Promise<number> {
  const dir = temporaryDir();
  const dataDir = join(dir.path, 'data');
  const server = await startServe({ dataDir, env: SETTINGS });
  try {
    const code = await testsAndAudit(server.url, { DATABASE_URL: server.databaseUrl, STAMPEDE_DATA_DIR: dataDir });
    if (code !== 0) process.stderr.write(server.output());
    return code;
  } finally {
    await server.end('SIGTERM');
    await dir.remove();
  }
}

/** The same with nine processes. Each context is audited on its own database. */
async function onCluster(): Promise<number> {
  const options = readOptions(['--port=0', '--gateway-port=0', '--ops-port=0', '--grpc-port=0', ...shards]);
  if (options === undefined) throw new Error('no options');
  const printed: string[] = [];
  const aborted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => aborted.abort());
  const { PATH, KAFKA_BROKERS } = process.env;
  const cluster = await startCluster(
    options,
    { ...SETTINGS, PATH, KAFKA_BROKERS },
    {
      say: (text) => process.stdout.write(`${text}\n`),
      onLine: (name, line) => void printed.push(`${name} | ${line}\n`),
      signal: aborted.signal,
    },
  );
  try {
    const code = await testsAndAudit(cluster.url, { STAMPEDE_DATA_DIR: cluster.dataDir });
    if (code !== 0) process.stderr.write(printed.join(''));
    return code;
  } finally {
    await cluster.stop();
  }
}

async function testsAndAudit(url: string, auditEnv: NodeJS.ProcessEnv): Promise<number> {
  const tested = await tests({
    STAMPEDE_TEST_URL: url,
    STAMPEDE_TEST_JWT_SECRET: SECRET,
    STAMPEDE_TEST_ADMIN_EMAIL: ADMIN.email,
    STAMPEDE_TEST_ADMIN_PASSWORD: ADMIN.password,
    STAMPEDE_TEST_WEBHOOK_SECRETS: WEBHOOK_SECRETS,
    ...(isCluster ? { STAMPEDE_TEST_PROCESSES: 'several' } : {}),
  });
  const audited = await run([resolve('bin/stampede.js'), 'audit'], { PATH: process.env['PATH'], ...auditEnv });
  return tested === 0 && audited === 0 ? 0 : 1;
}

function tests(env: NodeJS.ProcessEnv): Promise<number> {
  const options = ['--config', 'vitest.url.config.ts', '--tags-filter', FILTER, ...args];
  return run(['node_modules/vitest/vitest.mjs', 'run', ...options], { ...process.env, ...env });
}

/** Returns the exit code; 1 when a signal ended it. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
