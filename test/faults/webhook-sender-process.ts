import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { secretBox } from '../../src/contexts/webhook/adapters/crypto/secret-box.ts';
import { postgresDeliveryQueue } from '../../src/contexts/webhook/adapters/postgres/delivery-queue.ts';
import { webhookRunner } from '../../src/contexts/webhook/application/deliver/runner.ts';
import { sendRequest } from '../../src/contexts/webhook/application/deliver/send-request.ts';
import { guardedHttp } from '../../src/platform/http/guarded-http.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';

/** Sends the webhooks of a database until it is killed. Its minutes pass in seconds, so that leases of the killed end within the test. `aheadMs`: how wrong its clock is. */
const [url = '', secret = '', startedMs = '', speed = '', aheadMs = ''] = process.argv.slice(2);
const clock = () => Number(startedMs) + (Date.now() - Number(startedMs)) * Number(speed) + Number(aheadMs);

const database = openDatabase({ url, onError: () => {}, poolMax: 6 });
const queue = postgresDeliveryQueue({
  pool: database.pool,
  nextId: () => randomBytes(8).readBigUInt64BE() >> 2n,
  onEvents: () => {},
});
const http = guardedHttp({ timeoutMs: 5_000, isAllowed: () => true, mayBePlain: () => true });
const runner = webhookRunner({
  queue,
  send: sendRequest({ http, box: secretBox([secret]), wallClock: Date.now, userAgent: 'test' }),
  clock,
  elapsedMs: () => performance.now() * Number(speed),
  onAttempt: () => {},
  onDisabled: () => {},
  log: pino({ level: 'silent' }),
});
runner.start();
setInterval(() => runner.notify(), 50);
process.stdout.write('ready\n');
