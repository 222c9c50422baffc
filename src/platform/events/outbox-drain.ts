import type pg from 'pg';
import type { Logger } from 'pino';
import type { Delivery, EventBus } from './bus.ts';
import type { EventCheck } from './check.ts';
import { type DeadLetters, RELAY } from './dead-letters.ts';
import type { EventIdPrefix } from './event-source.ts';
import { expand } from './expand.ts';
import { BEGINNING, deleteFromOutbox, type OutboxRow, type Position, parsePayload, readOutbox } from './outbox-rows.ts';
import type { RelayMetrics } from './relay-metrics.ts';
import type { Tap } from './tap.ts';

/** Rows a read when payloads come along: at 256 events each, some 30 MB once they are expanded. */
const READ_ROWS = 64;
/** Rows a read when nobody wants any topic, and rows a delete. */
const DELETE_ROWS = 1_000;
/** Events that the bus has not finished; beyond it nothing more is read. */
const IN_FLIGHT_MAX = 20_000;
/** Yields to the event loop after it: expanding 64 rows at once would hold it for about 20 ms. */
const SLICE_MS = 3;
const RETRY_PAUSE_MS = 500;

export interface OutboxDrain {
  /** One round: delete what is finished, read what is new, publish it. Answers whether more is waiting. */
  pass(): Promise<boolean>;
  /** Waits for what the bus has in hand, at most `ms`, and deletes what it finished. */
  flush(ms: number): Promise<void>;
}

export interface DrainOptions {
  /** The connection that holds the leadership, so that who lost it cannot delete. */
  readonly client: pg.ClientBase;
  readonly bus: EventBus;
  readonly check: Pick<EventCheck, 'outgoing'>;
  readonly deadLetters: DeadLetters;
  /** Names the rows in event ids. */
  readonly eventIdPrefix: EventIdPrefix;
  /** Who looks on at what is published. */
  readonly tap: Tap;
  readonly metrics: RelayMetrics;
  readonly log: Logger;
  /** Called when the bus is done with a row, so that somebody calls `pass`. */
  readonly onSettled: () => void;
}

export function outboxDrain(options: DrainOptions): OutboxDrain {
  const { client, bus, eventIdPrefix, tap, metrics, log, onSettled } = options;
  let position: Position = BEGINNING;
  let finished: string[] = [];
  let eventsInFlight = 0;
  let retryAt: number | undefined;
  const inFlight = new Set<Promise<void>>();

  async function publish(row: OutboxRow, deliveries: readonly Delivery[]): Promise<void> {
    const readAt = performance.now();
    eventsInFlight += row.events;
    try {
      await bus.publish(deliveries);
      if (tap.isOpen()) tap.show(deliveries);
      finished.push(row.id);
      metrics.published.inc(row.events);
      metrics.lagSeconds.set(row.ageSeconds + (performance.now() - readAt) / 1000);
    } catch (error) {
      comesAgain(row, error);
    }
    eventsInFlight -= row.events;
    onSettled();
  }

  function comesAgain(row: OutboxRow, error: unknown): void {
    metrics.failures.inc();
    log.warn({ err: error, outboxId: row.id }, 'an outbox row could not be published and comes again');
    retryAt = performance.now() + RETRY_PAUSE_MS;
  }

  /** What cannot be read stays in the outbox, where the backlog's age shows it, and holds nothing else up. */
  function read(row: OutboxRow, payload: string): Delivery[] | undefined {
    try {
      return expand(eventIdPrefix(row.id), row.createdAt, parsePayload(payload));
    } catch (error) {
      metrics.failures.inc();
      log.error({ err: error, outboxId: row.id }, 'an outbox row cannot be read and stays where it is');
      return undefined;
    }
  }

  /** Resolves when publishing has begun, so that the next row comes after this one. */
  async function start(row: OutboxRow): Promise<void> {
    if (row.payload === undefined) {
      finished.push(row.id);
      metrics.unwanted.inc(row.events);
      return;
    }
    const deliveries = read(row, row.payload);
    if (deliveries === undefined) return;
    try {
      const valid = await setInvalidAside(deliveries, options);
      // Meanwhile an earlier row may have been refused: then this one comes again behind it.
      if (retryAt !== undefined) return;
      const publishing = publish(row, valid);
      inFlight.add(publishing);
      void publishing.then(() => inFlight.delete(publishing));
    } catch (error) {
      comesAgain(row, error);
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
   * After a refusal nothing further is published, and everything left is read anew from the beginning: a later event of the
   * same key shall not overtake.
   */
  function startAnew(): boolean {
    if (retryAt === undefined) return true;
    if (inFlight.size > 0 || finished.length > 0 || performance.now() < retryAt) return false;
    retryAt = undefined;
    position = BEGINNING;
    return true;
  }

  return {
    async pass() {
      await deleteFinished();
      if (!startAnew() || eventsInFlight >= IN_FLIGHT_MAX) return false;
      const wanted = tap.isOpen() ? undefined : bus.wanted();
      const limit = wanted?.size === 0 ? DELETE_ROWS : READ_ROWS;
      const rows = await readOutbox(client, position, wanted, limit);
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
      return rows.length === limit && retryAt === undefined;
    },
    async flush(ms) {
      const inHand = Promise.allSettled(inFlight);
      await Promise.race([inHand, new Promise((resolve) => setTimeout(resolve, ms).unref())]);
      await deleteFinished();
    },
  };
}

/** A bus that refuses a row says so within the microtasks of its call, and the next row shall not be published before. */
const afterMicrotasks = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/**
 * What is not as the catalogue says is a mistake in this program. It goes to the dead letters, loudly, and the rest goes on.
 * @returns the valid ones
 */
async function setInvalidAside(
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
    log.error(
      { topic, eventId: event.eventId, problem },
      'an event of ours is not as the catalogue says, nobody gets it',
    );
  }
  return valid;
}
