import type pg from 'pg';
import type { Logger } from 'pino';
import { outageLog } from '../telemetry/outage-log.ts';
import type { Delivery, EventBus } from './bus.ts';
import type { EventCheck } from './check.ts';
import { type DeadLetters, RELAY } from './dead-letters.ts';
import type { EventIdPrefix } from './event-source.ts';
import { expand } from './expand.ts';
import { BEGINNING, deleteFromOutbox, type OutboxRow, type Position, parsePayload, readOutbox } from './outbox-rows.ts';
import type { RelayMetrics } from './relay-metrics.ts';
import type { WireTap } from './wire-tap.ts';

/** Rows read at once with payloads: at 256 events each, some 30 MB after expansion. */
const READ_ROWS = 64;
/** Rows read at once when no topic has a consumer, and rows deleted at once. */
const DELETE_ROWS = 1_000;
/** While more events than this are being published, nothing more is read. */
const IN_FLIGHT_MAX = 20_000;
/** Yields to the event loop after this long: expanding 64 rows at once would block it for about 20 ms. */
const SLICE_MS = 3;
const RETRY_PAUSE_MS = 500;
const NOTHING_READ = { events: 0, more: false };

export interface OutboxDrain {
  /** Deletes published rows, reads new ones and publishes them. Returns how many events it read, and whether more rows are waiting. */
  pass(): Promise<{ readonly events: number; readonly more: boolean }>;
  /** Waits for rows that are being published, at most `ms`, and deletes those that were published. */
  flush(ms: number): Promise<void>;
}

export interface DrainOptions {
  /** The connection that holds the leader's lock, so that a node that lost the lock cannot delete rows. */
  readonly client: pg.ClientBase;
  readonly bus: EventBus;
  readonly check: Pick<EventCheck, 'outgoing'>;
  readonly deadLetters: DeadLetters;
  /** Makes event ids from row ids. */
  readonly eventIdPrefix: EventIdPrefix;
  /** The start of the server of `client`; undefined where no consumer works with that server. See Delivery. */
  readonly outboxServer: string | undefined;
  /** Copies published events to `stampede events tail`. */
  readonly wireTap: WireTap;
  readonly metrics: RelayMetrics;
  readonly log: Logger;
  /** Called when publishing a row has ended, so that the relay calls `pass`. */
  readonly onSettled: () => void;
}

export function outboxDrain(options: DrainOptions): OutboxDrain {
  const { client, bus, eventIdPrefix, outboxServer, wireTap, metrics, log, onSettled } = options;
  let position: Position = BEGINNING;
  let finished: string[] = [];
  let eventsInFlight = 0;
  let retryAt: number | undefined;
  const outage = outageLog({
    log,
    message: 'outbox rows could not be published and are retried',
    over: 'outbox rows are published again',
  });
  const inFlight = new Set<Promise<void>>();

  async function publish(row: OutboxRow, deliveries: readonly Delivery[]): Promise<void> {
    const readAt = performance.now();
    eventsInFlight += row.events;
    try {
      await bus.publish(deliveries);
      if (wireTap.isOpen()) wireTap.show(deliveries);
      finished.push(row.id);
      outage.succeeded();
      metrics.published.inc(row.events);
      metrics.lagSeconds.set(row.ageSeconds + (performance.now() - readAt) / 1000);
    } catch (error) {
      retryLater(row, error);
    }
    eventsInFlight -= row.events;
    onSettled();
  }

  function retryLater(row: OutboxRow, error: unknown): void {
    metrics.failures.inc();
    outage.failed(error, { outboxId: row.id });
    retryAt = performance.now() + RETRY_PAUSE_MS;
  }

  /** A row that cannot be read stays in the outbox, where the age of the backlog shows it, and does not block other rows. */
  function read(row: OutboxRow, payload: string): Delivery[] | undefined {
    try {
      return expand(eventIdPrefix(row.id), row.createdAt, parsePayload(payload), outboxServer);
    } catch (error) {
      metrics.failures.inc();
      log.error({ err: error, outboxId: row.id }, 'an outbox row cannot be read and stays where it is');
      return undefined;
    }
  }

  /** Resolves when publishing the row has begun, so that the next row follows it. */
  async function start(row: OutboxRow): Promise<void> {
    if (row.payload === undefined) {
      finished.push(row.id);
      metrics.unwanted.inc(row.events);
      return;
    }
    const deliveries = read(row, row.payload);
    if (deliveries === undefined) return;
    try {
      const valid = await deadLetterInvalid(deliveries, options);
      // An earlier row may have been refused meanwhile: then this one is retried after it.
      if (retryAt !== undefined) return;
      const publishing = publish(row, valid);
      inFlight.add(publishing);
      void publishing.then(() => inFlight.delete(publishing));
    } catch (error) {
      retryLater(row, error);
    }
  }

  async function deleteFinished(): Promise<void> {
    while (finished.length > 0) {
      const ids = finished.slice(0, DELETE_ROWS);
      await deleteFromOutbox(client, ids);
      finished = finished.slice(ids.length);
    }
  }

  /**
   * After the bus refused a row, nothing more is published until the rest is read again from the beginning: a later event of the same
   * key must not overtake the refused one.
   */
  function isReadyToPublish(): boolean {
    if (retryAt === undefined) return true;
    if (inFlight.size > 0 || finished.length > 0 || performance.now() < retryAt) return false;
    retryAt = undefined;
    position = BEGINNING;
    return true;
  }

  return {
    async pass() {
      await deleteFinished();
      if (!isReadyToPublish() || eventsInFlight >= IN_FLIGHT_MAX) return NOTHING_READ;
      const subscribedTopics = wireTap.isOpen() ? undefined : bus.subscribedTopics();
      const limit = subscribedTopics?.size === 0 ? DELETE_ROWS : READ_ROWS;
      const rows = await readOutbox(client, position, subscribedTopics, limit);
      position = rows.at(-1) ?? position;
      let sliceStartedAt = performance.now();
      for (const row of rows) {
        await start(row);
        await afterMicrotasks();
        if (retryAt !== undefined) break;
        if (performance.now() - sliceStartedAt < SLICE_MS) continue;
        await new Promise(setImmediate);
        sliceStartedAt = performance.now();
      }
      await deleteFinished();
      return {
        events: rows.reduce((sum, row) => sum + row.events, 0),
        more: rows.length === limit && retryAt === undefined,
      };
    },
    async flush(ms) {
      const inHand = Promise.allSettled(inFlight);
      await Promise.race([inHand, new Promise((resolve) => setTimeout(resolve, ms).unref())]);
      await deleteFinished();
    },
  };
}

/** A bus that refuses a row rejects within the microtasks of the call. The next row must not be published before that. */
const afterMicrotasks = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/**
 * Stores events that do not match the catalogue as dead letters and logs an error: they are a bug in this program.
 * @returns the valid events
 */
async function deadLetterInvalid(
  deliveries: readonly Delivery[],
  { check, deadLetters, metrics, log }: DrainOptions,
): Promise<readonly Delivery[]> {
  const problems = deliveries.map((delivery) => check.outgoing(delivery));
  if (problems.every((problem) => problem === undefined)) return deliveries;
  const valid: Delivery[] = [];
  for (const [index, delivery] of deliveries.entries()) {
    const problem = problems[index];
    if (problem === undefined) {
      valid.push(delivery);
      continue;
    }
    await deadLetters.put(RELAY, delivery, problem);
    metrics.invalid.inc();
    const { topic, event } = delivery;
    log.error({ topic, eventId: event.eventId, problem }, 'an event does not match the catalogue and is not delivered');
  }
  return valid;
}
