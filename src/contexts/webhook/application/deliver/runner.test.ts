import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { HEALTHY } from '../../domain/health.ts';
import type { DeliveryQueue } from './ports.ts';
import { webhookRunner } from './runner.ts';

test('an endpoint of which nothing can be sent is not leased again at once', async () => {
  const endpoint = { id: 1n, lease: 'lease', url: 'https://receiver.example', health: HEALTHY, wakes: 0, secrets: [] };
  let leases = 0;
  const queue: DeliveryQueue = {
    acquire: async () => {
      leases += 1;
      return [endpoint];
    },
    renew: async () => endpoint,
    release: async () => {},
    due: async () => [],
    probe: async () => [],
    record: async () => true,
    disableFull: async () => [],
  };
  const runner = webhookRunner({
    queue,
    send: async () => ({ kind: 'DELIVERED', status: 200 }),
    clock: Date.now,
    elapsedMs: () => performance.now(),
    onAttempt: () => {},
    onDisabled: () => {},
    log: pino({ level: 'silent' }),
  });
  runner.start();
  await sleep(300);
  await runner.stop();
  expect(leases).toBeLessThanOrEqual(2);
});
