import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { ADMIN, openSecureKafka, settingsOf } from '../../../../test/support/secure-kafka.ts';
import type { EventBus } from '../bus.ts';
import { kafkaBus } from '../bus-kafka.ts';
import { delivery } from '../bus-suite.ts';
import { canAccess } from './access.ts';
import { kafkaDeadLetters } from './dead-letter-store.ts';
import type { KafkaSasl, KafkaSecurity } from './security.ts';
import type { KafkaSettings } from './settings.ts';
import { kafkaTail } from './tail.ts';

/** A token and a connection last this long. */
const SHORT_SECONDS = 4;
const stand = await openSecureKafka(['nobody'], SHORT_SECONDS * 1_000);
const log = pino({ level: process.env['LOG'] ?? 'silent' });
const TOPIC = 'coupon.issued';
const WAIT = { timeout: 60_000, interval: 50 };
let run = 0;

describe.skipIf(stand === undefined)('Kafka with TLS and SASL', () => {
  const { kafka, ca, strangerCa, passwordOf, oauth, authority } = stand as NonNullable<typeof stand>;
  const buses: EventBus[] = [];
  afterEach(async () => {
    oauth.lifeSeconds = 60;
    oauth.failure = undefined;
    await Promise.all(buses.splice(0).map((bus) => bus.stop()));
  });
  afterAll(() => stand?.stop());

  const settings = (security: KafkaSecurity, brokers = kafka.saslBrokers): KafkaSettings => {
    run += 1;
    return { brokers: [brokers], partitions: 2, prefix: `secure-${run}.`, security };
  };
  const password = (mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'): KafkaSasl => {
    return { mechanism, user: ADMIN, password: passwordOf(ADMIN) };
  };
  const token = (clientSecret = oauth.secret): KafkaSasl => {
    return { mechanism: 'OAUTHBEARER', tokenUrl: oauth.tokenUrl, clientId: ADMIN, clientSecret };
  };

  function open(of: KafkaSettings, handler: (ids: readonly string[]) => void = () => {}): EventBus {
    const bus = kafkaBus({ settings: of, metrics: new Registry(), log, retryBaseMs: 1, sessionTimeoutMs: 3_000 });
    bus.subscribe('readers', [TOPIC], async (batch) => {
      const ids = batch.map(({ event }) => event.eventId);
      if (ids.includes('poison')) throw new Error('it cannot be handled');
      handler(ids);
    });
    buses.push(bus);
    return bus;
  }

  /** Everything that the program asks of a broker: topics, a group, messages, dead letters and their replay, and the tail. */
  async function expectEverything(of: KafkaSettings): Promise<void> {
    expect(await canAccess(of)).toBe(true);
    const got: string[] = [];
    const bus = open(of, (ids) => got.push(...ids));
    await bus.start();
    await bus.publish([delivery('one', TOPIC), delivery('poison', TOPIC), delivery('two', TOPIC)]);
    await vi.waitFor(() => expect(got).toEqual(expect.arrayContaining(['one', 'two'])), WAIT);
    const letters = kafkaDeadLetters(of, log);
    await vi.waitFor(async () => expect((await letters.list({})).map(({ id }) => id)).toEqual(['poison']), WAIT);
    const shown: string[] = [];
    const end = new AbortController();
    const ready = Promise.withResolvers<void>();
    const tail = kafkaTail({
      settings: of,
      topics: [TOPIC],
      show: (message) => message.kind !== 'left out' && shown.push(message.delivery.event.eventId),
      ready: ready.resolve,
      signal: end.signal,
      log,
    });
    await ready.promise;
    expect(await letters.replay(await letters.list({}))).toHaveLength(1);
    await vi.waitFor(() => expect(shown).toEqual(['poison']), WAIT);
    end.abort();
    await tail;
    await letters.close();
  }

  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
    'topics, messages, groups, dead letters and the tail work over TLS with %s',
    async (mechanism) => {
      await expectEverything(settings({ tls: { ca }, sasl: password(mechanism) }));
    },
  );

  test('topics, messages, groups, dead letters and the tail work over TLS with a token of a token endpoint', async () => {
    const before = oauth.given();
    await expectEverything(settings({ tls: { ca }, sasl: token() }));
    // One for all clients of these settings.
    expect(oauth.given()).toBe(before + 1);
  });

  test('topics, messages, groups, dead letters and the tail work with the certificate of a client', async () => {
    const { cert, key } = authority.certify(ADMIN);
    await expectEverything(settings({ tls: { ca, cert, key } }, kafka.tlsBrokers));
  });

  test('a wrong password is refused at the start, with the variables to check', async () => {
    const wrong = { mechanism: 'SCRAM-SHA-512', user: ADMIN, password: 'another one' } as const;
    await expect(canAccess(settings({ tls: { ca }, sasl: wrong }))).rejects.toThrow(
      /the broker refuses the credentials\. Check KAFKA_SASL_MECHANISM, and KAFKA_USER with KAFKA_PASSWORD/,
    );
    await expect(canAccess(settings({ tls: { ca }, sasl: { ...wrong, mechanism: 'PLAIN' } }))).rejects.toThrow(
      'the broker refuses the credentials.',
    );
  });

  test('commands that Kafka refuses name the variables to check, and without a broker say to start it', async () => {
    const refused = settings({
      tls: { ca },
      sasl: { ...password('SCRAM-SHA-512'), password: 'another one' } as KafkaSasl,
    });
    const tail = (of: KafkaSettings) =>
      kafkaTail({ settings: of, topics: [TOPIC], show() {}, ready() {}, signal: AbortSignal.timeout(20_000), log });
    await expect(tail(refused)).rejects.toThrow('the broker refuses the credentials. Check KAFKA_SASL_MECHANISM');
    await expect(tail({ ...refused, brokers: ['127.0.0.1:1'] })).rejects.toThrow(
      /cannot be read: .* Start that broker\.$/s,
    );
    const database = await testDatabase();
    const dlq = spawn(process.execPath, ['bin/stampede.js', 'dlq', 'list'], {
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: database.url,
        KAFKA_BROKERS: refused.brokers.join(','),
        KAFKA_TLS: 'on',
        KAFKA_CA: ca,
        KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_USER: ADMIN,
        KAFKA_PASSWORD: 'another one',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    expect(await text(dlq.stderr)).toMatch(/^stampede: KAFKA_BROKERS=.*: the broker refuses the credentials\. Check /);
    await database.drop();
  });

  test('a wrong secret of the token endpoint is refused at the start, with the variables to check', async () => {
    await expect(canAccess(settings({ tls: { ca }, sasl: token('wrong') }))).rejects.toThrow(
      /gave no token, but status 401\. Check KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_CLIENT_SECRET\./,
    );
  });

  test('a broker whose certificate another authority signed is not trusted, with or without KAFKA_CA', async () => {
    const sasl = password('SCRAM-SHA-512');
    const advice = /the certificate of the broker is not trusted \(.*\)\. Set KAFKA_CA to the file of its authority\./;
    await expect(canAccess(settings({ tls: { ca: strangerCa }, sasl }))).rejects.toThrow(advice);
    await expect(canAccess(settings({ tls: {}, sasl }))).rejects.toThrow(advice);
  });

  test('a broker that is reached by a name that its certificate does not state is not trusted', async () => {
    const address = kafka.saslBrokers.replace('localhost', '127.0.0.1');
    await expect(canAccess(settings({ tls: { ca }, sasl: password('PLAIN') }, address))).rejects.toThrow(
      'the certificate of the broker has another name',
    );
  });

  test('a client without a certificate, or with one of another authority, is refused where the broker asks for one', async () => {
    await expect(canAccess(settings({ tls: { ca } }, kafka.tlsBrokers))).rejects.toThrow(
      /the broker refuses this certificate \(.*\)\. Set KAFKA_CERT and KAFKA_KEY/,
    );
  });

  test('TLS on one side only is refused at the start, with the variable to change', async () => {
    await expect(canAccess(settings({ sasl: password('SCRAM-SHA-512') }))).rejects.toThrow('Set KAFKA_TLS=on.');
    await expect(canAccess(settings({ tls: { ca } }, kafka.brokers))).rejects.toThrow('leave KAFKA_TLS out.');
  });

  test('a broker that is away is no reason to refuse a start', async () => {
    expect(await canAccess(settings({ tls: { ca }, sasl: password('PLAIN') }, 'localhost:1'))).toBe(false);
  });

  test('events flow on through connections and tokens that end, and a token endpoint that is away for a while', async () => {
    oauth.lifeSeconds = SHORT_SECONDS;
    const before = oauth.given();
    const got = new Set<string>();
    const bus = open(settings({ tls: { ca }, sasl: token() }), (ids) => {
      for (const id of ids) got.add(id);
    });
    await bus.start();
    const published: string[] = [];
    const publishFor = async (seconds: number): Promise<void> => {
      for (const untilMs = performance.now() + seconds * 1_000; performance.now() < untilMs; await sleep(100)) {
        const id = `event-${published.length}`;
        await vi.waitFor(() => bus.publish([delivery(id, TOPIC)]), WAIT);
        published.push(id);
      }
    };
    await publishFor(2 * SHORT_SECONDS);
    expect(oauth.given()).toBeGreaterThan(before + 1);
    // For longer than a token lasts, so that every connection ends.
    oauth.failure = 503;
    await sleep(1.5 * SHORT_SECONDS * 1_000);
    oauth.failure = undefined;
    await publishFor(SHORT_SECONDS);
    await vi.waitFor(() => expect([...got]).toEqual(expect.arrayContaining(published)), WAIT);
  });

  test('a user without rights can publish and create nothing', async () => {
    const of = settingsOf(stand as NonNullable<typeof stand>, 'nobody', 'denied.');
    expect(await canAccess(of)).toBe(true);
    await expect(open(of).publish([delivery('one', TOPIC)])).rejects.toThrow();
  });
});
