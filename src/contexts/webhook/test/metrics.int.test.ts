import { afterEach, beforeEach, expect, it } from 'vitest';
import { type WebhookFixture, webhookFixture } from './fixture.ts';

let on: WebhookFixture;
beforeEach(async () => {
  on = await webhookFixture();
});
afterEach(() => on.close());

/** The lines of the gauges that one process of all measures. */
const measured = async (): Promise<readonly string[]> =>
  (await on.metrics.metrics())
    .split('\n')
    .filter((line) => /^stampede_webhook_(secrets_unreadable|deliveries_|endpoints_)/.test(line));

it('a process shows what waits, fails and cannot be decrypted once it has measured it, and no 0 before', async () => {
  expect(await measured()).toEqual([]);
  await on.runJob('webhook.measure');
  await on.runJob('webhook.reencrypt-secrets');
  expect((await measured()).map((line) => line.replace(/\{.*\}/, '')).toSorted()).toEqual(
    [
      'stampede_webhook_deliveries_late_seconds 0',
      'stampede_webhook_deliveries_waiting 0',
      ...Array(4).fill('stampede_webhook_endpoints_disabled 0'),
      'stampede_webhook_endpoints_failing 0',
      'stampede_webhook_secrets_unreadable 0',
    ].toSorted(),
  );
});
