import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testKafka } from '../../../test/support/kafka.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { execute } from '../../../test/support/postgres-admin.ts';
import { readSettings } from '../config.ts';
import { oneDatabase } from '../databases.ts';
import { systemAudit } from './system-audit.ts';

const brokers = await testKafka();
let first: TestDatabase;
let second: TestDatabase;
beforeEach(async () => {
  [first, second] = await Promise.all([testDatabase(), testDatabase()]);
});
afterEach(async () => {
  await first.drop();
  await second.drop();
});

function audit(variables: Readonly<Record<string, string>>) {
  const settings = readSettings({
    DATABASE_URL: first.programUrl,
    COUPON_SHARDS: '2',
    COUPON_SHARD_DATABASE_URLS: second.programUrl,
    ...variables,
  });
  return systemAudit(settings, oneDatabase(first.programUrl), {}, { settleMs: 10 });
}

test('the audit of a system with several databases is refused where its Kafka is not known', () => {
  expect(() => audit({})).toThrow(/Set KAFKA_BROKERS as their processes have it/);
});

test('the audit of a system with shards is refused where their databases are not known', () => {
  const settings = readSettings({ DATABASE_URL: first.programUrl, COUPON_SHARDS: '2' });
  expect(() => systemAudit(settings, oneDatabase(first.programUrl), {}, { settleMs: 10 })).toThrow(
    /Set COUPON_SHARD_DATABASE_URLS/,
  );
});

describe.skipIf(brokers === undefined)('with Kafka', () => {
  test('the audit of a system reads the databases of its shards and the dead letters in Kafka', async () => {
    const kafka = { KAFKA_BROKERS: brokers ?? '', KAFKA_TOPIC_PREFIX: 'system-audit.' };
    const sound = await audit(kafka)(oneDatabase(first.programUrl));
    expect(sound).toMatchObject({ ok: true, databases: 2 });
    expect(sound.audits.map(({ name }) => name)).toContainEqual(expect.stringContaining('Kafka'));
    await execute(
      second.url,
      `insert into platform.dead_letters (consumer, event_id, topic, key, event, reason) values ('c', 'e', 't', 'k', '{}', 'r')`,
    );
    const broken = await audit(kafka)(oneDatabase(first.programUrl));
    expect(broken.audits.filter(({ ok }) => !ok)).toMatchObject([{ figures: { letters: 1 } }]);
  });
});
