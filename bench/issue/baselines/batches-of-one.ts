import { randomBytes } from 'node:crypto';
import { readSettings } from '../../../src/app/config.ts';
import { startServer } from '../../../src/app/server.ts';
import { env } from './serve.ts';

/** (e): the whole system as it is, but a batch holds one command. Bundled before it runs, because src/ has decorators. */
const config = {
  ...readSettings(process.env),
  databaseUrl: env('DATABASE_URL'),
  webhookKeys: [randomBytes(32)],
};
const server = await startServer(config, { batchMax: 1 });
process.once('SIGTERM', () => void server.stop().then(() => process.exit()));
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
