import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { type KafkaBus, kafkaBus } from '../../src/platform/events/bus-kafka.ts';
import { postgresDeadLetters } from '../../src/platform/events/dead-letters.ts';
import type { KafkaSettings } from '../../src/platform/events/kafka/settings.ts';
import { createRelay, type Relay } from '../../src/platform/events/relay.ts';
import { type Kafka, startKafka } from '../../tools/kafka/start.ts';
import { testSettings } from '../support/kafka.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

const CONSUMER = join(import.meta.dirname, '../support/kafka-consumer-process.ts');

/** An outbox, its relay, Kafka and two consumers, each of which the tests may kill. */
export interface KafkaStand<Brokers = unknown> {
  readonly kafka: Brokers;
  readonly settings: KafkaSettings;
  readonly pool: pg.Pool;
  readonly relay: Relay;
  /** Of the relay. */
  readonly metrics: Registry;
  readonly consumers: readonly [Consumer, Consumer];
  stop(): Promise<void>;
}

export interface Consumer {
  signal(name: NodeJS.Signals): void;
  /** Resolves when it handles the next batch: its transaction is open, its effects are written. */
  inHand(): Promise<void>;
  /** kill -9, and a new one. */
  killAndRestart(): Promise<void>;
}

export const openKafkaStand = async (): Promise<KafkaStand<Kafka>> => await openStandOn(await startKafka());

/** The same on brokers that are there, which end with it. */
export async function openStandOn<Brokers extends Pick<Kafka, 'brokers' | 'stop'>>(
  kafka: Brokers,
  more: Partial<KafkaSettings> = {},
): Promise<KafkaStand<Brokers>> {
  const settings = { ...testSettings(kafka.brokers), partitions: 4, ...more };
  const database = await testDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 12 });
  pool.on('error', () => {});
  await pool.query('create table effects (id bigint generated always as identity, key text not null, n int not null)');
  const metrics = new Registry();
  const log = pino({ level: process.env['LOG'] ?? 'silent' });
  const bus = kafkaBus({ settings, metrics: new Registry(), log });
  const relay = createRelay({
    url: database.url,
    bus,
    check: { outgoing: () => undefined },
    deadLetters: postgresDeadLetters(pool),
    metrics,
    log,
  });
  relay.start();
  const args = [settings.brokers.join(','), settings.prefix, database.url];
  const consumers = [consumer(args), consumer(args)] as const;
  return {
    kafka,
    settings,
    pool,
    relay,
    metrics,
    consumers,
    async stop() {
      await Promise.all(consumers.map((each) => each.end()));
      await close({ relay, bus, pool, database });
      await kafka.stop();
    },
  };
}

async function close(open: { relay: Relay; bus: KafkaBus; pool: pg.Pool; database: TestDatabase }): Promise<void> {
  await open.relay.stop();
  await open.bus.stop();
  await open.pool.end();
  await open.database.drop();
}

function consumer(args: readonly string[]): Consumer & { end(): Promise<void> } {
  let child: ChildProcess = fork(CONSUMER, args);
  const end = async (): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    signal: (name) => void child.kill(name),
    async inHand() {
      await once(child, 'message');
    },
    async killAndRestart() {
      await end();
      child = fork(CONSUMER, args);
    },
    end,
  };
}
