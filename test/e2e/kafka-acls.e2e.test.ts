import { randomBytes } from 'node:crypto';
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  Consumer,
  Producer,
  ResourcePatternTypes,
  ResourceTypes,
} from '@platformatic/kafka';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CONSUMED, OWNERS, TOPICS } from '../../src/app/event-catalogue.ts';
import { kafkaAcls } from '../../src/app/kafka-acls.ts';
import { CONTEXT_NAMES } from '../../src/app/parts.ts';
import { kafkaDeadLetters } from '../../src/platform/events/kafka/dead-letter-store.ts';
import { clientOptions } from '../../src/platform/events/kafka/settings.ts';
import { call, until } from '../attacks/support.ts';
import { openSecureKafka, settingsOf } from '../support/secure-kafka.ts';
import { type ServiceProcesses, startServices } from '../support/services.ts';

const USERS = [...CONTEXT_NAMES, 'gateway', 'provider', 'operator'];
const prefix = `acl-${randomBytes(4).toString('hex')}.`;
const NO_REAUTHENTICATION = 0;
const stand = await openSecureKafka(USERS, NO_REAUTHENTICATION);
const ADMIN = '1';

describe.skipIf(stand === undefined)('services with the access rules of docs/kafka-acls.sh', () => {
  const { kafka, ca, passwordOf } = stand as NonNullable<typeof stand>;
  const settings = (user: string) => settingsOf(stand as NonNullable<typeof stand>, user, prefix);
  let on: ServiceProcesses;
  beforeAll(async () => {
    const admin = new Admin({ clientId: 'rules', bootstrapBrokers: [kafka.brokers] });
    const creations = kafkaAcls(prefix).flatMap(({ user, resource, pattern, names, operations }) =>
      names.flatMap((resourceName) =>
        operations.map((operation) => ({
          resourceType: resource === 'topic' ? ResourceTypes.TOPIC : ResourceTypes.GROUP,
          resourceName,
          resourcePatternType: pattern === 'literal' ? ResourcePatternTypes.LITERAL : ResourcePatternTypes.PREFIXED,
          principal: `User:${user}`,
          host: '*',
          operation: OPERATIONS[operation],
          permissionType: AclPermissionTypes.ALLOW,
        })),
      ),
    );
    await admin.createAcls({ creations });
    await admin.close();
    const tls = { KAFKA_TLS: 'on', KAFKA_CA: ca, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_TOPIC_PREFIX: prefix };
    on = await startServices(
      kafka.saslBrokers,
      { ...tls, STAMPEDE_SANDBOX_PAYMENTS: 'approve', POINT_EARN_RATE_BP: '100', POINT_EARN_DELAY_DAYS: '0' },
      {},
      (part) => ({ KAFKA_USER: part, KAFKA_PASSWORD: passwordOf(part) }),
    );
  });
  afterAll(async () => {
    await on?.close();
    await stand?.stop();
  });

  const OPERATIONS = {
    Read: AclOperations.READ,
    Write: AclOperations.WRITE,
    Create: AclOperations.CREATE,
    Describe: AclOperations.DESCRIBE,
    DescribeConfigs: AclOperations.DESCRIBE_CONFIGS,
  };

  async function ask(user: string, method: string, path: string, json?: unknown, key?: string) {
    const answer = await call(on.gateway.url, method, `/api/v1/${path}`, {
      token: on.token(user, user === ADMIN ? 'ADMIN' : 'CUSTOMER'),
      ...(json === undefined ? {} : { json }),
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
    expect([answer.status < 300, answer.text]).toEqual([true, expect.any(String)]);
    return answer.body;
  }
  async function rowsOf(part: (typeof CONTEXT_NAMES)[number], text: string): Promise<readonly pg.QueryResultRow[]> {
    const client = new pg.Client({ connectionString: on.databaseUrls[part] });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** The error of Kafka that a message of this user meets; undefined when it is written. */
  async function refusalOf(user: string, topic: string): Promise<string | undefined> {
    const producer = new Producer({ ...clientOptions(settings(user)) });
    try {
      await producer.send({
        acks: -1,
        messages: [{ topic: prefix + topic, key: Buffer.from('k'), value: Buffer.from('v') }],
      });
      return undefined;
    } catch (error) {
      return String(error).match(/(?:Topic|Cluster) authorization failed/)?.[0] ?? String(error);
    } finally {
      await producer.close(true);
    }
  }

  test('each service creates its topics, and those of its dead letters, before anything happens', async () => {
    const admin = new Admin({ clientId: 'look', bootstrapBrokers: [kafka.brokers] });
    const expected = [...Object.keys(TOPICS), ...[...CONSUMED].map((name) => `${name}.DLQ`)].map(
      (name) => prefix + name,
    );
    await until(async () => (await admin.listTopics()).length >= expected.length);
    const found = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
    await admin.close();
    expect(found.toSorted()).toEqual(expected.toSorted());
  });

  test('a checkout with a coupon passes through all services, and every event is published and handled', async () => {
    const user = '700001';
    const now = Date.now();
    const { couponPolicyId, status } = await ask(ADMIN, 'POST', 'coupon-policies', {
      name: 'rules',
      discountType: 'FIXED_AMOUNT',
      discountValue: 3_000,
      minimumOrderAmount: 0,
      distributionType: 'FIRST_COME',
      maxIssueCount: 10,
      validDays: 30,
      validFrom: new Date(now - 3_600_000).toISOString(),
      validUntil: new Date(now + 86_400_000).toISOString(),
    });
    if (status !== 'ACTIVE') await ask(ADMIN, 'POST', `admin/coupon-policies/${couponPolicyId}/activate`);
    const { couponId } = await ask(user, 'POST', `coupons/policies/${couponPolicyId}/issue`, {}, 'issue');
    const json = { name: 'Coffee', description: '20 bags', price: 15_000, stock: 10 };
    const { productId } = await ask(ADMIN, 'POST', 'products', json, 'product');
    const items = [{ productId, quantity: 2 }];
    await ask(ADMIN, 'POST', 'stores', { name: 'Cafe Sol', category: 'CAFE' }, 'store');
    await ask(ADMIN, 'POST', 'points/charge', { userId: user, amount: 1_000 }, 'charge');
    const { orderId } = await ask(user, 'POST', 'orders', { items, couponId }, 'order');
    await ask(user, 'POST', 'payments', { orderId, method: 'EXTERNAL' }, 'payment');
    const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 100 });
    await until(async () => expect((await ask(user, 'GET', `orders/${orderId}`)).status).toBe('PAID'));
    // By the events that statistics and point consume.
    const USED = 'select sum(used)::int as used from statistics.hourly';
    await until(async () => expect(await rowsOf('statistics', USED)).toEqual([{ used: 1 }]));
    const EARNED = `select count(*)::int as count from point.transactions where user_id = ${user}`;
    await until(async () => expect(await rowsOf('point', EARNED)).toEqual([{ count: 2 }]));
    // By the event audit.recorded, which every service writes.
    await until(async () =>
      expect(JSON.stringify(await ask(ADMIN, 'GET', 'audit-log'))).toMatch(
        /chargePoints.*createStore.*createProduct.*createCouponPolicy/,
      ),
    );
    for (const service of CONTEXT_NAMES) {
      await until(async () =>
        expect([service, await rowsOf(service, 'select topics from platform.outbox')]).toEqual([service, []]),
      );
    }
  });

  test('what a service cannot handle goes to the dead letters of a topic that another one owns', async () => {
    expect(await refusalOf('provider', 'payment.completed.v1')).toBeUndefined();
    const store = kafkaDeadLetters(settings('operator'), pino({ level: 'silent' }));
    await until(async () => (await store.list({})).length === 3);
    const found = await store.list({});
    expect(found.map(({ group }) => group).toSorted()).toEqual([
      'coupon.event-policies',
      'coupon.payments',
      'order.payments',
    ]);
    expect(await store.replay(found)).toHaveLength(3);
    await store.close();
  });

  test.each([
    ['coupon', 'payment.completed.v1'],
    ['coupon', 'payment.failed.v1'],
    ['statistics', 'payment.completed.v1'],
    ['gateway', 'payment.completed.v1'],
    ['point', 'order.paid'],
    ['order', 'coupon.issued'],
    ['provider', 'coupon.issued'],
    ['provider', 'order.paid'],
  ])('docs/attacks.md 95: the user of %s cannot write to %s', async (user, topic) => {
    expect(await refusalOf(user, topic)).toBe('Topic authorization failed');
  });

  test('docs/attacks.md 95: a service reads no topic that it does not consume, and joins no group of another', async () => {
    const read = async (user: string, group: string, topic: string): Promise<string> => {
      const consumer = new Consumer({ ...clientOptions(settings(user)), groupId: prefix + group });
      consumer.topics.track(prefix + topic);
      try {
        await consumer.joinGroup({});
        return 'joined';
      } catch (error) {
        return String(error).match(/\w+ authorization failed/)?.[0] ?? String(error);
      } finally {
        await consumer.close(true).catch(() => undefined);
      }
    };
    expect(await read('statistics', 'order.payments', 'coupon.issued')).toBe('Group authorization failed');
    expect(await read('statistics', 'statistics.spy', 'user.signed_up')).toBe('Topic authorization failed');
    expect(await read('statistics', 'statistics.spy', 'coupon.issued')).toBe('joined');
  });

  test('every topic has one owner', () => {
    expect(Object.values(OWNERS).flat().toSorted()).toEqual(Object.keys(TOPICS).toSorted());
  });
});
