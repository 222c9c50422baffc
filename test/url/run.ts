/**
 * npm run test:url: starts one `stampede serve` on a fresh directory, runs the tests that speak HTTP against it, and audits what they left.
 * With STAMPEDE_TEST_URL it starts no server, and the tests run against that one (CONTRIBUTING.md). Arguments go to Vitest: `-- test/attacks/races.int.test.ts`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { webhookSecret } from '../../src/platform/http/webhook-signature.ts';
import { startServe, temporaryDir } from '../support/serve.ts';
import { TAGS } from './tags.ts';

const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };
const SECRET = 'url-tests-url-tests-url-tests-url-tests';
const WEBHOOK_SECRETS = ['url-tests', 'url-tests-of-before']
  .map((text) => webhookSecret(Buffer.alloc(32, text)))
  .join(',');

const FILTER = TAGS.map(({ name }) => `!${name}`).join(' && ');

process.exitCode = process.env['STAMPEDE_TEST_URL'] === undefined ? await onOwnServer() : await tests({});

/** Returns the exit code: 0 when the tests passed and the audits found nothing. */
async function onOwnServer(): Promise<number> {
  const dir = temporaryDir();
  const dataDir = join(dir.path, 'data');
  const server = await startServe({
    dataDir,
    env: {
      JWT_SECRET: SECRET,
      PAYMENT_WEBHOOK_SECRET: WEBHOOK_SECRETS,
      STAMPEDE_SANDBOX: 'on',
      STAMPEDE_RATE_LIMIT: 'off',
      STAMPEDE_ADMIN_EMAIL: ADMIN.email,
      STAMPEDE_ADMIN_PASSWORD: ADMIN.password,
    },
  });
  try {
    const tested = await tests({
      STAMPEDE_TEST_URL: server.url,
      STAMPEDE_TEST_JWT_SECRET: SECRET,
      STAMPEDE_TEST_ADMIN_EMAIL: ADMIN.email,
      STAMPEDE_TEST_ADMIN_PASSWORD: ADMIN.password,
      STAMPEDE_TEST_WEBHOOK_SECRETS: WEBHOOK_SECRETS,
    });
    const { PATH } = process.env;
    const env = { PATH, DATABASE_URL: server.databaseUrl, STAMPEDE_DATA_DIR: dataDir };
    const audited = await run([resolve('bin/stampede.js'), 'audit'], env);
    if (tested === 0 && audited === 0) return 0;
    process.stderr.write(server.output());
    return 1;
  } finally {
    await server.end('SIGTERM');
    await dir.remove();
  }
}

function tests(env: NodeJS.ProcessEnv): Promise<number> {
  const options = ['--config', 'vitest.url.config.ts', '--tags-filter', FILTER, ...process.argv.slice(2)];
  return run(['node_modules/vitest/vitest.mjs', 'run', ...options], { ...process.env, ...env });
}

/** Returns the exit code; 1 when a signal ended it. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
