// @module-tag settings
import { execFile } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Admin, compatibilityPartitioner, Producer } from '@platformatic/kafka';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kafkaDeadLetters } from '../../src/platform/events/kafka/dead-letter-store.ts';
import { clientOptions, type KafkaSettings } from '../../src/platform/events/kafka/settings.ts';
import { type Shop, shopOn } from '../attacks/shop.ts';
import { type Stage, stage, until } from '../attacks/support.ts';
import { testKafka, testSettings } from '../support/kafka.ts';
import { readTopic } from '../support/kafka-topic.ts';

const brokers = await testKafka();
const COMPLETED = 'payment.completed.v1';
const KEY = Buffer.alloc(32, 'provider');
const OLD_KEY = Buffer.alloc(32, 'old');
const OTHER_KEY = Buffer.alloc(32, 'other');
/** The groups that consume payments. Each has a dead letter of its own. */
const GROUPS = ['coupon.event-policies', 'coupon.payments', 'order.payments'];

interface Message {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: readonly (readonly [string, string])[];
}

describe.skipIf(brokers === undefined)('payment events on Kafka', () => {
  const settings: KafkaSettings = testSettings(brokers ?? '');
  let on: Stage;
  let shop: Shop;
  beforeAll(async () => {
    const keys = new Map([
      ['bank', [KEY, OLD_KEY]],
      ['other', [OTHER_KEY]],
    ]);
    on = await stage({ kafka: settings, paymentEvents: { trustAcl: false, keys } });
    shop = shopOn(on);
    // The consumers create it, in the background.
    await until(topicExists);
  });
  afterAll(() => on?.stop());

  async function topicExists(): Promise<boolean> {
    const admin = new Admin(clientOptions(settings));
    try {
      const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true });
      return topics.get(topic)?.partitions.every(({ leader }) => leader >= 0) ?? false;
    } catch {
      return false;
    } finally {
      await admin.close();
    }
  }

  async function send(messages: readonly Message[]): Promise<void> {
    const producer = new Producer({ ...clientOptions(settings), partitioner: compatibilityPartitioner });
    try {
      await producer.send({
        acks: -1,
        messages: messages.map(({ topic, key, value, headers }) => ({
          topic,
          key: Buffer.from(key),
          value: Buffer.from(value),
          headers: new Map(headers.map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
        })),
      });
    } finally {
      await producer.close();
    }
  }

  /** As docs/events.md describes it, without the code of the program. */
  function signed(topic: string, key: string, value: string, producer = 'bank', secret = KEY): Message {
    const time = '1767355560512';
    const text = `v1\n${topic}\n${producer}\n${time}\n${Buffer.byteLength(key)}\n${key}\n${value}`;
    const digest = createHmac('sha256', secret).update(text).digest('base64');
    const headers = [
      ['stampede-producer', producer],
      ['stampede-time', time],
      ['stampede-signature', `v1,${digest}`],
    ] as const;
    return { topic, key, value, headers };
  }

  interface Placed {
    readonly user: string;
    readonly paymentId: string;
    readonly orderId: string;
    readonly couponId: string;
    readonly amount: number;
  }
  async function placed(): Promise<Placed> {
    const user = shop.newUser();
    const couponId = await shop.coupon(user);
    const { orderId } = await shop.placed(user, { couponId });
    const begun = await shop.pay(user, orderId, 'EXTERNAL');
    expect(begun.status).toBeLessThan(300);
    return { user, orderId, couponId, paymentId: begun.body.paymentId, amount: 27_000 };
  }
  const paymentOf = ({ user, orderId, amount }: Placed): string =>
    JSON.stringify({
      eventId: `bank-${randomUUID()}`,
      eventType: 'PAYMENT_COMPLETED_V1',
      timestamp: new Date(on.now()).toISOString(),
      data: {
        paymentId: `bank-${orderId}`,
        orderId,
        userId: user,
        amount: String(amount),
        completedAt: new Date(on.now()).toISOString(),
      },
      metadata: { correlationId: orderId, source: 'bank', version: '1.0' },
    });
  const topic = settings.prefix + COMPLETED;
  const stateOf = async ({ user, orderId, couponId }: Placed) => [
    (await shop.order(user, orderId)).status,
    await shop.couponStatus(user, couponId),
  ];
  const UNPAID = ['RESERVED', 'RESERVED'];

  /** What became of this value: the groups that put it aside, with their reasons. */
  const letters = async (value: string): Promise<string[]> =>
    (await readTopic(settings, `${COMPLETED}.DLQ`))
      .filter((letter) => letter.value === value && letter.headers['x-group'] !== undefined)
      .map(({ headers }) => `${headers['x-group']}: ${headers['x-reason']}`)
      .toSorted();
  const rejected = async (reason: string): Promise<number> => {
    const { text } = await on.call('GET', '/metrics');
    const line = `stampede_event_signatures_rejected_total{topic="${COMPLETED}",reason="${reason}"} `;
    return Number(
      text
        .split('\n')
        .find((each) => each.startsWith(line))
        ?.slice(line.length) ?? 0,
    );
  };

  const replaced = (message: Message, name: string, text: string): Message => ({
    ...message,
    headers: message.headers.map((header) => (header[0] === name ? ([name, text] as const) : header)),
  });

  const ATTACKS: Readonly<
    Record<string, readonly [reason: string, text: string, (genuine: Message, order: Placed) => Message]>
  > = {
    'without a signature': ['missing', 'not signed', (genuine) => ({ ...genuine, headers: [] })],
    'with an empty signature': ['missing', 'not signed', (genuine) => replaced(genuine, 'stampede-signature', '')],
    'with a signature of an unknown version': [
      'missing',
      'not signed',
      (genuine) => replaced(genuine, 'stampede-signature', `v0,${'A'.repeat(43)}=`),
    ],
    'without the time of its signature': [
      'missing',
      'not signed',
      (genuine) => ({ ...genuine, headers: genuine.headers.filter(([name]) => name !== 'stampede-time') }),
    ],
    // A reader of headers by name may see either of the two.
    'with another time before that of its signature': [
      'missing',
      'not signed',
      (genuine) => ({ ...genuine, headers: [['stampede-time', '1767355560513'], ...genuine.headers] }),
    ],
    'with another time after that of its signature': [
      'missing',
      'not signed',
      (genuine) => ({ ...genuine, headers: [...genuine.headers, ['stampede-time', '1767355560513']] }),
    ],
    'with two producers': [
      'missing',
      'not signed',
      (genuine) => ({ ...genuine, headers: [['stampede-producer', 'other'], ...genuine.headers] }),
    ],
    'with two headers of signatures': [
      'missing',
      'not signed',
      (genuine) => ({ ...genuine, headers: [['stampede-signature', `v1,${'A'.repeat(43)}=`], ...genuine.headers] }),
    ],
    'signed with an unknown key': [
      'wrong',
      'the signature is not that of this message',
      ({ key, value }) => signed(topic, key, value, 'bank', Buffer.alloc(32, 'guessed')),
    ],
    'signed by a producer that is not known': [
      'unknown producer',
      'not signed by a known producer',
      ({ key, value }) => signed(topic, key, value, 'thief', Buffer.alloc(32, 'thief')),
    ],
    'signed with the key of another producer': [
      'wrong',
      'the signature is not that of this message',
      ({ key, value }) => signed(topic, key, value, 'bank', OTHER_KEY),
    ],
    'in the name of another producer than the one that signed': [
      'wrong',
      'the signature is not that of this message',
      (genuine) => replaced(genuine, 'stampede-producer', 'other'),
    ],
    'whose amount was changed': [
      'wrong',
      'the signature is not that of this message',
      ({ key, value }, { amount }) => ({
        ...signed(topic, key, value.replace(`"amount":"${amount}"`, '"amount":"1"')),
        value,
      }),
    ],
    'whose key was changed': [
      'wrong',
      'the signature is not that of this message',
      (genuine) => ({ ...genuine, key: `${genuine.key}0` }),
    ],
    'whose key and value were divided elsewhere': [
      'wrong',
      'the signature is not that of this message',
      (genuine) => {
        const [first = '', ...rest] = genuine.value.split('');
        return { ...genuine, key: `${genuine.key}\n${first}`, value: rest.join('') };
      },
    ],
    'whose time was changed': [
      'wrong',
      'the signature is not that of this message',
      (genuine) => replaced(genuine, 'stampede-time', '1767355560513'),
    ],
    'that was signed for another topic': [
      'wrong',
      'the signature is not that of this message',
      ({ key, value }) => ({ ...signed(`${settings.prefix}payment.failed.v1`, key, value), topic }),
    ],
    'that was signed for the topic of another system on the cluster': [
      'wrong',
      'the signature is not that of this message',
      ({ key, value }) => ({ ...signed(`staging.${COMPLETED}`, key, value), topic }),
    ],
  };

  it.each(Object.entries(ATTACKS))(
    'docs/attacks.md 94: a payment event %s pays no order and uses no coupon, and becomes a dead letter of each group',
    async (_, [reason, text, forge]) => {
      const order = await placed();
      const before = await rejected(reason);
      const sent = forge(signed(topic, order.orderId, paymentOf(order)), order);
      await send([sent]);
      await until(async () => (await letters(sent.value)).length === GROUPS.length);
      expect(await letters(sent.value)).toEqual(GROUPS.map((group) => expect.stringContaining(`${group}: ${text}`)));
      expect(await stateOf(order)).toEqual(UNPAID);
      expect(await rejected(reason)).toBe(before + GROUPS.length);
    },
  );

  it.each([
    ['the present key of its producer', KEY],
    ['the previous key of its producer, while both are listed', OLD_KEY],
  ])('a payment event that is signed with %s pays its order and uses its coupon', async (_, secret) => {
    const order = await placed();
    const value = paymentOf(order);
    await send([signed(topic, order.orderId, value, 'bank', secret)]);
    await until(async () => (await shop.order(order.user, order.orderId)).status === 'PAID');
    await until(async () => (await stateOf(order)).join() === 'PAID,USED');
    expect(await letters(value)).toEqual([]);
  });

  it('docs/attacks.md 94: a copy of a signed payment event has no further effect', async () => {
    const order = await placed();
    const message = signed(topic, order.orderId, paymentOf(order));
    await send([message]);
    await until(async () => (await stateOf(order)).join() === 'PAID,USED');
    const entries = () =>
      on.query('select count(*)::int as count from orders.payments where order_id = $1', [order.orderId]);
    const before = (await entries()).rows;
    await send([message, message]);
    const last = await placed();
    await send([signed(topic, last.orderId, paymentOf(last))]);
    await until(async () => (await stateOf(last)).join() === 'PAID,USED');
    expect((await entries()).rows).toEqual(before);
    expect(await stateOf(order)).toEqual(['PAID', 'USED']);
    expect(await on.violations()).toEqual([]);
  });

  it('docs/attacks.md 94: a forged payment event that an operator replays from the dead letters is put aside again', async () => {
    const order = await placed();
    const value = paymentOf(order);
    await send([{ topic, key: order.orderId, value, headers: [] }]);
    await until(async () => (await letters(value)).length === GROUPS.length);
    const store = kafkaDeadLetters(settings, pino({ level: 'silent' }));
    const found = (await store.list({})).filter(({ content }) => content === value);
    expect(await store.replay(found)).toHaveLength(GROUPS.length);
    await store.close();
    await until(async () => (await letters(value)).length === 2 * GROUPS.length);
    expect(await stateOf(order)).toEqual(UNPAID);
  });

  it('the program of docs/examples reports a payment that is accepted', async () => {
    const own = testSettings(brokers ?? '');
    const other = await stage({
      kafka: own,
      paymentEvents: { trustAcl: false, keys: new Map([['my-provider', [KEY]]]) },
    });
    try {
      const buyer = shopOn(other);
      const user = buyer.newUser();
      const { orderId } = await buyer.placed(user);
      await buyer.pay(user, orderId, 'EXTERNAL');
      const program = resolve('docs/examples/publish-payment.ts');
      await promisify(execFile)(process.execPath, [program, orderId, user, '30000'], {
        env: {
          ...process.env,
          KAFKA_BROKERS: own.brokers.join(','),
          KAFKA_TOPIC_PREFIX: own.prefix,
          PAYMENT_KEY: KEY.toString('base64'),
        },
      });
      await until(async () => (await buyer.order(user, orderId)).status === 'PAID');
    } finally {
      await other.stop();
    }
  });

  it('the payments that this system publishes are signed, by the producer stampede', async () => {
    const order = await placed();
    const { orderId, paymentId, amount } = order;
    expect((await shop.report({ orderId, paymentId, amount })).status).toBe(200);
    const own = async () => (await readTopic(settings, COMPLETED)).find(({ key }) => key === orderId);
    await until(async () => (await own()) !== undefined);
    const found = await own();
    expect(found?.headers).toMatchObject({
      'stampede-producer': 'stampede',
      'stampede-time': expect.stringMatching(/^\d{13}$/),
      'stampede-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
    });
    await until(async () => (await stateOf(order)).join() === 'PAID,USED');
    expect(await letters(found?.value ?? '')).toEqual([]);
  });
});

describe.skipIf(brokers === undefined)('payment events on Kafka whose access rules are trusted', () => {
  it('a payment event without a signature pays its order', async () => {
    const settings = testSettings(brokers ?? '');
    const on = await stage({ kafka: settings, paymentEvents: { trustAcl: true, keys: new Map() } });
    try {
      const shop = shopOn(on);
      const user = shop.newUser();
      const { orderId } = await shop.placed(user);
      await shop.pay(user, orderId, 'EXTERNAL');
      const producer = new Producer({ ...clientOptions(settings), partitioner: compatibilityPartitioner });
      const at = new Date(on.now()).toISOString();
      const value = JSON.stringify({
        eventId: 'unsigned',
        eventType: 'PAYMENT_COMPLETED_V1',
        timestamp: at,
        data: { paymentId: 'unsigned', orderId, userId: user, amount: '30000', completedAt: at },
        metadata: { correlationId: orderId, source: 'bank', version: '1.0' },
      });
      const messages = [{ topic: settings.prefix + COMPLETED, key: Buffer.from(orderId), value: Buffer.from(value) }];
      // The topic comes with the first consumer.
      await until(
        async () =>
          await producer.send({ acks: -1, messages }).then(
            () => true,
            () => false,
          ),
      );
      await producer.close();
      await until(async () => (await shop.order(user, orderId)).status === 'PAID');
    } finally {
      await on.stop();
    }
  });
});
