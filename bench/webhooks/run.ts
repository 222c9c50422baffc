/**
 * How many webhooks are delivered a second to a receiver that responds at once, alone and beside one that never responds? Events are stored by the consumer and sent
 * while they come; receivers are processes of their own, on the same cores. Exit code 1: less than 1,000 a second, or less than 0.9 of it beside a dead receiver.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { TOPICS } from '../../src/app/event-catalogue.ts';
import { createWebhooks } from '../../src/contexts/webhook/module.ts';
import type { EventBus, Handler } from '../../src/platform/events/bus.ts';
import { readAllowedHosts } from '../../src/platform/http/allowed-hosts.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { countingIds } from '../../test/support/counting-ids.ts';
import { startChild } from '../support/child.ts';
import { onFreshDatabase } from '../support/postgres.ts';

const TARGET_PER_SECOND = 1_000;
const BESIDE_DEAD = 0.9;
const BATCH = 256;
const { values } = parseArgs({
  options: { events: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '3' } },
});
const events = Number(values.events);

interface Receiver {
  readonly url: string;
  count(): Promise<number>;
  stop(): Promise<void>;
}

async function startReceiver(kind: 'fast' | 'dead'): Promise<Receiver> {
  const program = join(import.meta.dirname, 'child.ts');
  const { url, stop } = await startChild([process.execPath, program, kind], {}, ([port]) =>
    port === undefined ? undefined : `http://127.0.0.1:${port}/`,
  );
  return { url, stop, count: async () => Number(await (await fetch(url)).text()) };
}

/** Returns how many were delivered a second. */
async function measure(isBesideDead: boolean): Promise<number> {
  let perSecond = 0;
  await onFreshDatabase('bench_webhooks', async (url) => {
    const database = openDatabase({ url, onError: () => {} });
    const [fast, dead] = await Promise.all([startReceiver('fast'), startReceiver('dead')]);
    let consume: Handler = async () => {};
    const bus = { subscribe: (_: string, __: unknown, handler: Handler) => (consume = handler) } as unknown as EventBus;
    const { api, stop } = createWebhooks(
      {
        database,
        bus,
        clock: Date.now,
        nextId: countingIds(),
        metrics: new Registry(),
        log: pino({ level: 'silent' }),
      },
      {
        webhooks: { allowedHosts: readAllowedHosts(['127.0.0.1']), encryptionSecrets: ['bench'], keptDays: 7 },
        topics: TOPICS,
        signInClock: Date.now,
      },
    );
    const add = (to: string) =>
      api.createWebhook({ url: to, topics: ['*'], description: '', enabled: true, commandKey: undefined });
    await add(fast.url);
    if (isBesideDead) await add(dead.url);
    const startedMs = performance.now();
    for (let first = 0; first < events; first += BATCH) await consume(batchFrom(first));
    while ((await fast.count()) < events) await sleep(20);
    perSecond = (events * 1_000) / (performance.now() - startedMs);
    await stop();
    await Promise.all([fast.stop(), dead.stop()]);
    await database.close();
  });
  return perSecond;
}

const batchFrom = (first: number): Parameters<Handler>[0] =>
  Array.from({ length: Math.min(BATCH, events - first) }, (_, index) => {
    const couponId = String(7_330_011_234_560_000n + BigInt(first + index));
    return {
      topic: 'coupon.issued',
      key: couponId,
      event: {
        eventId: `bench-${first + index}:0`,
        eventType: 'COUPON_ISSUED',
        timestamp: new Date().toISOString(),
        data: { ...TOPICS['coupon.issued']?.example, couponId },
        metadata: { correlationId: 'bench', source: 'coupon', version: '1.0' },
      },
    };
  });

for (let round = 1; round <= Number(values.rounds); round++) {
  const alone = await measure(false);
  const beside = await measure(true);
  console.log(
    `round ${round}: ${alone.toFixed(0)} delivered/s alone, ${beside.toFixed(0)} beside a dead receiver: ${(beside / alone).toFixed(2)}`,
  );
  if (Math.min(alone, beside) < TARGET_PER_SECOND || beside / alone < BESIDE_DEAD) process.exitCode = 1;
}
