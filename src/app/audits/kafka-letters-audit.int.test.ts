import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { testKafka, testSettings } from '../../../test/support/kafka.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import type { EventBus } from '../../platform/events/bus.ts';
import { kafkaBus } from '../../platform/events/bus-kafka.ts';
import { delivery } from '../../platform/events/bus-suite.ts';
import { kafkaDeadLetters } from '../../platform/events/kafka/dead-letter-store.ts';
import type { KafkaSettings } from '../../platform/events/kafka/settings.ts';
import { freePort } from '../../platform/postgres/embedded/free-port.ts';
import { PARTS } from '../parts.ts';
import type { AuditReport } from './audit-report.ts';
import { runAudits } from './run-audits.ts';

const brokers = await testKafka();
const log = pino({ level: 'silent' });
const NAME = 'no event waits as a dead letter on Kafka';
const WAIT = { timeout: 60_000, interval: 50 };

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

async function lettersOf(kafka: KafkaSettings, policyId?: bigint) {
  const report = await runAudits(database.programUrl, policyId === undefined ? {} : { policyId }, { kafka });
  const line = report.audits.find(({ name }) => name === NAME);
  return { ok: report.ok, figures: line?.figures, violations: line?.violations };
}

/** `stampede audit --json`, with nothing else in its environment. */
async function audited(variables: Record<string, string>) {
  const env = { PATH: process.env['PATH'] ?? '', ...variables };
  const { code, stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [resolve('src/main.ts'), 'audit', '--json'],
    { env },
  ).then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  const report = stdout === '' ? undefined : (JSON.parse(stdout) as AuditReport);
  return { code, stderr, line: report?.audits.find(({ name }) => name === NAME) };
}

test('an audit reports a Kafka that is away, with what to do, beside the invariants of the database', async () => {
  const kafka = testSettings(`127.0.0.1:${await freePort()}`);
  const report = await runAudits(database.programUrl, {}, { kafka });
  expect(report.ok).toBe(false);
  expect(report.audits.filter(({ ok }) => !ok)).toMatchObject([{ name: NAME, figures: { broken: 1 } }]);
  expect(report.audits.at(-1)?.violations).toEqual([
    expect.stringMatching(
      /^KAFKA_BROKERS=127\.0\.0\.1:\d+ cannot be read: .+\. Start that broker or correct KAFKA_BROKERS/,
    ),
  ]);
});

test('stampede audit exits with 1 when Kafka is away', async () => {
  const away = `127.0.0.1:${await freePort()}`;
  const { code, line } = await audited({ DATABASE_URL: database.programUrl, KAFKA_BROKERS: away });
  expect(code).toBe(1);
  expect(line?.violations).toEqual([expect.stringContaining(`KAFKA_BROKERS=${away} cannot be read`)]);
});

test('stampede audit of several databases does not pass without a look at Kafka', async () => {
  const coupons = await testDatabase();
  try {
    const urls = PARTS.map((part) => [
      `${part.toUpperCase()}_DATABASE_URL`,
      part === 'coupon' ? coupons.programUrl : database.programUrl,
    ]);
    const { code, stderr } = await audited(Object.fromEntries(urls));
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^stampede: .* Set KAFKA_BROKERS as their processes have it\.\n$/),
    ]);
  } finally {
    await coupons.drop();
  }
});

describe.skipIf(brokers === undefined)('with Kafka', () => {
  let kafka: KafkaSettings;
  let bus: EventBus;
  let bad: Set<string>;
  beforeEach(async () => {
    kafka = testSettings(brokers ?? '');
    bad = new Set(['1:0', '2:0']);
    bus = kafkaBus({ settings: kafka, metrics: new Registry(), log, retryBaseMs: 1, sessionTimeoutMs: 3_000 });
    bus.subscribe('picky', ['coupon.issued'], async (batch) => {
      for (const { event } of batch) if (bad.has(event.eventId)) throw new Error('cannot handle it');
    });
    await bus.start();
  });
  afterEach(() => bus.stop());

  test('an event that a consumer of Kafka gave up is a violation until it is replayed', async () => {
    expect(await lettersOf(kafka)).toMatchObject({ ok: true, figures: { letters: 0 } });
    await bus.publish([delivery('1:0'), delivery('1:1'), delivery('2:0')]);
    await vi.waitFor(async () => {
      expect(await lettersOf(kafka)).toEqual({
        ok: false,
        figures: { topics: 1, letters: 2, broken: 2 },
        violations: [expect.stringMatching(/^picky gave up 2 events of coupon\.issued, the oldest at 20/)],
      });
    }, WAIT);
    const variables = { KAFKA_BROKERS: brokers ?? '', KAFKA_TOPIC_PREFIX: kafka.prefix };
    const command = await audited({ DATABASE_URL: database.programUrl, ...variables });
    expect(command).toMatchObject({ code: 1, line: { ok: false, figures: { letters: 2 } } });

    bad.clear();
    const store = kafkaDeadLetters(kafka, log);
    await store.replay(await store.list({}));
    await store.close();
    expect(await lettersOf(kafka)).toEqual({ ok: true, figures: { topics: 1, letters: 0 }, violations: [] });
  });

  test('the dead letters of another system on the cluster are not ours, also when its prefix begins with ours', async () => {
    await bus.publish([delivery('1:0')]);
    await vi.waitFor(async () => expect((await lettersOf(kafka)).figures).toMatchObject({ letters: 1 }), WAIT);
    const ours = { ...kafka, prefix: kafka.prefix.slice(0, -1) };
    expect(await lettersOf(ours)).toEqual({ ok: true, figures: { topics: 0, letters: 0 }, violations: [] });
  });

  test('a dead letter on Kafka is one of the policy that its event names', async () => {
    const letter = delivery('1:0');
    await bus.publish([{ ...letter, event: { ...letter.event, data: { ...letter.event.data, policyId: '7' } } }]);
    await vi.waitFor(async () => expect((await lettersOf(kafka, 7n)).figures).toMatchObject({ letters: 1 }), WAIT);
    expect((await lettersOf(kafka, 8n)).figures).toEqual({ topics: 1, letters: 0 });
  });
});
