import type pg from 'pg';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { Delivery, EventBus } from '../../../src/platform/events/bus.ts';
import { outboxDrain } from '../../../src/platform/events/outbox-drain.ts';
import { relayMetrics } from '../../../src/platform/events/relay-metrics.ts';
import type { Notifier } from '../../../src/platform/kernel/notifier.ts';
import type { Owner } from '../kernel.ts';
import type { Connection } from './database.ts';
import type { Cluster } from './world.ts';

export type Publish = (from: Owner, batch: readonly Delivery[]) => Promise<void>;

const POLL_MS = 1_000;
/** Longer than in the product, so that fewer steps of a run are spent here. */
const SPACING_MS = 250;
const STANDBY_MS = 1_000;
const metrics = relayMetrics(new Registry());

export interface RelayingDeps {
  readonly cluster: Cluster;
  readonly owner: Owner;
  readonly pool: pg.Pool;
  readonly log: Logger;
  readonly outbox: Notifier;
  readonly publish: Publish;
}

/** One node at a time drains the outbox, for as long as its session holds the leader's lock. */
export function keepRelaying({ cluster, owner, pool, log, outbox, publish }: RelayingDeps): void {
  const { kernel, postgres, complain } = cluster;

  async function lead(): Promise<void> {
    const client = await pool.connect();
    const session = client as unknown as Connection;
    if (!postgres.takeRelayLock(session)) return client.release();
    kernel.say(owner.name, () => 'relays the outbox');
    const drain = outboxDrain({
      client,
      bus: {
        publish: (batch: readonly Delivery[]) => publish(owner, batch),
        subscribedTopics: () => undefined,
      } as EventBus,
      check: { outgoing: () => undefined },
      deadLetters: {
        put: async (_, { event }) => complain(`event ${event.eventId} became a dead letter`),
      },
      eventIdPrefix: (rowId) => `0123456789abcdef-${rowId}`,
      outboxServer: undefined,
      wireTap: { isOpen: () => false, open: () => {}, show: () => {} },
      metrics,
      log,
      onSettled: outbox.notify,
    });
    for (;;) {
      const { more } = await drain.pass();
      if (more) continue;
      await outbox.wait(POLL_MS);
      await kernel.until(owner, kernel.clock() + SPACING_MS, '');
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      await lead().catch((error: unknown) => kernel.say(owner.name, () => `no longer relays: ${String(error)}`));
      await kernel.until(owner, kernel.clock() + STANDBY_MS, '');
    }
  }
  void run();
}
