import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type Kafka, NoKafka, startKafka } from '../../tools/kafka/start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the service that returns the broker of this run. Undefined in runs without a global set-up. */
    kafkaControl: string | undefined;
  }
}

/** The response of that service. */
export type KafkaAnswer =
  | { readonly kind: 'brokers'; readonly brokers: string }
  | { readonly kind: 'left out' }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * One Kafka for all test files, started at the first request: KAFKA_BROKERS, else a broker of its own. Where there is
 * nothing to run it with, its tests are left out and one line says so; with REQUIRE_KAFKA=1 they fail.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let own: Kafka | undefined;
  let answer: Promise<KafkaAnswer> | undefined;

  async function find(): Promise<KafkaAnswer> {
    const given = process.env['KAFKA_BROKERS'];
    if (given) return { kind: 'brokers', brokers: given };
    try {
      own = await startKafka();
      return { kind: 'brokers', brokers: own.brokers };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof NoKafka) || process.env['REQUIRE_KAFKA'] === '1') return { kind: 'failed', reason };
      process.stderr.write(`The tests on Kafka are left out: ${reason}.\n`);
      return { kind: 'left out' };
    }
  }

  const control = createServer(async (_request, response) => {
    answer ??= find();
    response.setHeader('content-type', 'application/json').end(JSON.stringify(await answer));
  }).listen(0, '127.0.0.1');
  await once(control, 'listening');
  project.provide('kafkaControl', `http://127.0.0.1:${(control.address() as AddressInfo).port}/`);
  return async () => {
    control.close();
    await answer;
    await own?.stop();
  };
}
