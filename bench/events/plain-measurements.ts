import { Consumer } from '@platformatic/kafka';
import pg from 'pg';
import { pino } from 'pino';
import { readTopics } from '../../src/platform/events/kafka/reader.ts';
import { clientOptions, type KafkaSettings } from '../../src/platform/events/kafka/settings.ts';
import { INSERT_OUTBOX, outboxValues } from '../../src/platform/events/outbox.ts';
import { asAdmin } from '../support/postgres.ts';
import type { Fixture } from './fixture.ts';
import { paidFor, preload, TOPIC } from './payments.ts';
import { faultIn, POLICY } from './reserved.ts';
import type { Measurement } from './system-measurement.ts';

type Handle = (value: Buffer) => Promise<void> | undefined;

/** The client library's own stream, in its own consumer group, from the beginning. */
async function consume(settings: KafkaSettings, messages: number, handle: Handle): Promise<number> {
  const groupId = `${settings.prefix}plain`;
  const consumer = new Consumer({ ...clientOptions(settings), groupId, autocommit: 1_000, retries: 3 });
  const stream = await consumer.consume({
    topics: [settings.prefix + TOPIC],
    mode: 'earliest',
    sessionTimeout: 10_000,
  });
  let seen = 0;
  let startedAt = 0;
  for await (const { value } of stream) {
    if (seen === 0) startedAt = performance.now();
    await handle(value as Buffer);
    seen += 1;
    if (seen === messages) break;
  }
  const perSecond = ((seen - 1) / (performance.now() - startedAt)) * 1_000;
  await stream.close().catch(() => undefined);
  await consumer.close(true);
  return perSecond;
}

/** The client library with a consumer that only parses the JSON: the upper bound of this library. */
export async function rawClient(settings: KafkaSettings, messages: number): Promise<Measurement> {
  await preload(settings, paidFor(messages, false));
  let sum = 0;
  const perSecond = await consume(settings, messages, (value) => {
    sum += JSON.parse(value.toString()).eventId.length;
    return undefined;
  });
  return { perSecond, messages, fault: sum > 0 ? undefined : 'nothing was read' };
}

/** The same broker, read with the system's own fetch loop, without a consumer group and without a stream. */
export async function ourReader(settings: KafkaSettings, messages: number): Promise<Measurement> {
  await preload(settings, paidFor(messages, false));
  const log = pino({ level: 'silent' });
  const { signal } = new AbortController();
  let seen = 0;
  let startedAt = 0;
  let sum = 0;
  for await (const records of readTopics({
    settings,
    topics: [settings.prefix + TOPIC],
    from: 'earliest',
    log,
    signal,
  })) {
    if (seen === 0) startedAt = performance.now();
    for (const { record } of records) sum += JSON.parse(String(record.value)).eventId.length;
    seen += records.length;
  }
  const perSecond = (seen / (performance.now() - startedAt)) * 1_000;
  return { perSecond, messages, fault: seen === messages && sum > 0 ? undefined : `${seen} of ${messages} were read` };
}

/** The usual implementation: one message, one transaction, the next message. Same tables, indexes and events as the system. */
export async function oneByOne(fixture: Fixture, settings: KafkaSettings, messages: number): Promise<Measurement> {
  const paid = paidFor(messages, false);
  await preload(settings, paid);
  const databaseUrl = await fixture.database(`bench_one_${settings.prefix.replaceAll(/\W/g, '')}`);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  let outboxId = 0n;
  const perSecond = await consume(settings, messages, async (value) => {
    outboxId += 1n;
    await handleOne(client, JSON.parse(value.toString()), outboxId);
  });
  await client.end();
  const fault = await asAdmin(databaseUrl, (admin) => faultIn(admin, paid.length));
  return { perSecond, messages, fault };
}

interface Payment {
  readonly eventId: string;
  readonly data: { readonly reservationId: string; readonly orderId: string; readonly userId: string };
}

async function handleOne(client: pg.Client, { eventId, data }: Payment, outboxId: bigint): Promise<void> {
  const query = (name: string, text: string, values: unknown[]) => client.query({ name, text, values });
  await client.query('begin');
  const claimed = await query(
    'claim',
    `insert into platform.inbox (consumer, source, seen) values ('coupon.payments', $1, '{[-1,0)}') on conflict do nothing`,
    [eventId],
  );
  if (claimed.rowCount === 1) await confirm(query, data, outboxId);
  await client.query('commit');
}

type Query = (name: string, text: string, values: unknown[]) => Promise<pg.QueryResult>;

async function confirm(query: Query, { reservationId, orderId, userId }: Payment['data'], outboxId: bigint) {
  const qualified = `CUSTOMER:${userId}:${reservationId}`;
  const reserved = await query(
    'reservation',
    `update coupon.coupon_reservations set status = 'CONFIRMED', ended_at = now()
     where id = $1 and status = 'PENDING' returning coupon_id::text, discount_amount::text`,
    [qualified],
  );
  const [row] = reserved.rows as { coupon_id: string; discount_amount: string }[];
  if (row === undefined) return;
  const used = await query(
    'coupon',
    `update coupon.coupon_issues set status = 'USED', used_at = now(), discount_amount = $2, version = version + 1
     where id = $1 and status = 'RESERVED' returning version`,
    [row.coupon_id, row.discount_amount],
  );
  await query(
    'history',
    `insert into coupon.coupon_history (coupon_id, version, policy_id, kind, reservation_id, order_id, discount_amount, at, group_id)
     values ($1, $2, ${POLICY}, 'USED', $3, $4, $5, now(), $6)`,
    [row.coupon_id, used.rows[0]?.version, qualified, orderId, row.discount_amount, String(outboxId)],
  );
  const common = {
    couponId: row.coupon_id,
    policyId: String(POLICY),
    userId,
    orderId,
    storeId: null,
    timezone: 'Asia/Seoul',
  };
  const fact = { ...common, discountAmount: row.discount_amount, usedAt: new Date().toISOString() };
  const batch = { topic: 'coupon.used', source: 'coupon', keyField: 'couponId', common: fact, columns: [], rows: [[]] };
  await query('outbox', INSERT_OUTBOX, outboxValues(outboxId, [batch]));
}
