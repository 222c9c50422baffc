import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaSettings } from '../../src/platform/events/kafka/settings.ts';
import { INSERT_OUTBOX, outboxValues } from '../../src/platform/events/outbox.ts';
import { type Metrics, readMetrics } from '../support/metrics.ts';
import { asAdmin } from '../support/postgres.ts';
import { startSystem } from '../support/system.ts';
import type { Fixture } from './fixture.ts';
import { PROVIDER_KEYS, paidFor, payment, preload, TOPIC } from './payments.ts';
import { faultIn } from './reserved.ts';

export interface Measurement {
  readonly perSecond: number;
  readonly messages: number;
  /** What was wrong, or undefined. */
  readonly fault: string | undefined;
}

const HANDLED = 'stampede_events_handled_total{group="coupon.payments"}';
const POLL_MS = 100;
const GIVE_UP_MS = 300_000;
/** Payments a row of the outbox, as a busy batcher writes them. */
const ROW = 256;

/** The real server, as built into dist/, on payments that wait on Kafka. */
export async function throughKafka(
  fixture: Fixture,
  settings: KafkaSettings,
  messages: number,
  duplicates: boolean,
  main?: string,
): Promise<Measurement> {
  const paid = paidFor(messages, duplicates);
  await preload(settings, paid);
  const env = {
    KAFKA_BROKERS: settings.brokers.join(','),
    KAFKA_TOPIC_PREFIX: settings.prefix,
    PAYMENT_EVENT_KEYS: PROVIDER_KEYS,
  };
  return run(fixture, `bench_kafka_${settings.prefix.replaceAll(/\W/g, '')}`, paid, env, async () => {}, main);
}

/** The same without Kafka: the payments wait in the outbox, as an order of this system would write them. */
export function inProcess(fixture: Fixture, name: string, messages: number): Promise<Measurement> {
  const paid = paidFor(messages, false);
  return run(fixture, name, paid, {}, async (databaseUrl) => {
    await asAdmin(databaseUrl, async (client) => {
      for (let from = 0; from < paid.length; from += ROW) {
        const events = paid.slice(from, from + ROW).map((n) => payment(n).event.data);
        const columns = Object.keys(events[0] ?? {});
        const rows = events.map((data) => Object.values(data));
        const batch = { topic: TOPIC, source: 'order', keyField: 'orderId', common: {}, columns, rows };
        await client.query(INSERT_OUTBOX, outboxValues(BigInt(from + 1), [batch]));
      }
    });
  });
}

async function run(
  fixture: Fixture,
  name: string,
  paid: readonly number[],
  env: Readonly<Record<string, string>>,
  prepare: (databaseUrl: string) => Promise<void>,
  main?: string,
): Promise<Measurement> {
  const databaseUrl = await fixture.database(name);
  await prepare(databaseUrl);
  const system = await startSystem({ ...fixture, databaseUrl, env, ...(main === undefined ? {} : { main }) });
  let perSecond: number;
  try {
    perSecond = await rateOf(system.url, paid.length);
  } finally {
    await system.stop();
  }
  const fault = await asAdmin(databaseUrl, (client) => faultIn(client, new Set(paid).size));
  return { perSecond, messages: paid.length, fault };
}

/** From the first look that finds some of them handled and committed to the one that finds all. */
async function rateOf(url: string, messages: number): Promise<number> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  let first: { readonly at: number; readonly handled: number } | undefined;
  for (;;) {
    const at = performance.now();
    const handled = handledIn(await readMetrics(url));
    if (first === undefined && handled > 0) first = { at, handled };
    if (first !== undefined && handled >= messages) return ((handled - first.handled) / (at - first.at)) * 1_000;
    if (at > giveUpAt) throw new Error(`only ${handled} of ${messages} payments were handled`);
    await sleep(POLL_MS);
  }
}

const handledIn = (metrics: Metrics): number => metrics.get(HANDLED) ?? 0;
