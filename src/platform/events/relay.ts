import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type Doorbell, doorbell } from '../kernel/doorbell.ts';
import { forgetHandled } from '../postgres/inbox.ts';
import { openSession } from '../postgres/session.ts';
import type { EventBus } from './bus.ts';
import type { EventCheck } from './check.ts';
import type { DeadLetters } from './dead-letters.ts';
import { readEventSource } from './event-source.ts';
import { outboxDrain } from './outbox-drain.ts';
import { adoptForeignRows, measureBacklog } from './outbox-rows.ts';
import { RELAY_LOCK } from './relay-lock.ts';
import { type RelayMetrics, relayMetrics } from './relay-metrics.ts';
import { REPLAY_CHANNEL, replayMarked } from './replay.ts';
import { createTap, TAP_CHANNEL } from './tap.ts';

/** The safety net under pokes: what they miss waits this long. */
const POLL_MS = 1_000;
/** How often a standby asks for the leadership, and how soon a lost connection is opened again. */
const STANDBY_MS = 500;
/** Pokes within it are one pass, or one NOTIFY of a standby. */
const PASS_SPACING_MS = 10;
const NOTIFY_SPACING_MS = 20;
const BACKLOG_MS = 5_000;
/** How often somebody looks for letters to replay that no notification told of. */
const REPLAY_MS = 5_000;
/** Events come again after seconds, at worst after an outage of days. */
const INBOX_HOURS = 7 * 24;
const FORGET_MS = 60_000;
/** Rows of the inbox a time; when there were as many, the next time comes soon. */
const FORGET_MAX = 10_000;
const FLUSH_MS = 2_000;
const CHANNEL = 'stampede_outbox';
const LEADER_LOCK = `select pg_try_advisory_lock(${RELAY_LOCK}) as leading`;
/** A leader asks something every second. One that is frozen is cut off, and its lock goes with the session. */
const SESSION = `set idle_session_timeout = '5s'; set statement_timeout = '10s'`;
const ANSWER_MS = 11_000;

export interface RelayOptions {
  readonly url: string;
  readonly bus: EventBus;
  readonly check: Pick<EventCheck, 'outgoing'>;
  readonly deadLetters: DeadLetters;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** Carries events from the outbox to the bus. Every node has one; the holder of an advisory lock works. */
export interface Relay {
  /** Call after a commit that wrote to the outbox. Costs nothing, many calls count as one. */
  poke(): void;
  /** Starts in the background; it keeps trying while the database is away. */
  start(): void;
  /** Call before the bus stops: what it has in hand gets 2 s. Resolves when the connection is closed. */
  stop(): Promise<void>;
}

export function createRelay(options: RelayOptions): Relay {
  const { bus, log } = options;
  const metrics = relayMetrics(options.metrics);
  const bell = doorbell();
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await session({ ...options, metrics, bell, stopping: stopping.signal });
      } catch (error) {
        if (!stopping.signal.aborted) log.warn({ err: error }, 'the outbox relay lost its connection');
      }
      metrics.leader.set(0);
      await sleep(STANDBY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    poke() {
      // Nobody here wants events: the poll deletes them soon enough, in larger bites.
      if (bus.wanted()?.size !== 0) bell.ring();
    },
    start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      bell.ring();
      await running;
    },
  };
}

interface Session extends Omit<RelayOptions, 'metrics'> {
  readonly metrics: RelayMetrics;
  readonly bell: Doorbell;
  readonly stopping: AbortSignal;
}

/** The life of one connection: standby until the lock is free, then leader until the connection ends. */
async function session(context: Session): Promise<void> {
  // What shows and what replays events sends statements on this connection while the drain does: pipeline.
  const client = await openSession(context.url, { name: 'stampede-relay', answerMs: ANSWER_MS, pipeline: true });
  // The next statement fails as well.
  client.on('error', () => context.bell.ring());
  try {
    await client.query(SESSION);
    if (await standBy(client, context)) await lead(client, context);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** True when this node leads, false when it stops. */
async function standBy(client: pg.Client, { bell, stopping }: Session): Promise<boolean> {
  while (!stopping.aborted) {
    const { rows } = await client.query<{ leading: boolean }>(LEADER_LOCK);
    if (rows[0]?.leading === true) return true;
    const askAgainAt = performance.now() + STANDBY_MS;
    for (let left = STANDBY_MS; left > 0 && !stopping.aborted; left = askAgainAt - performance.now()) {
      if (!(await bell.wait(left)) || stopping.aborted) continue;
      // As a statement of its own: a commit that notifies holds a lock that every other one waits for.
      await client.query(`notify ${CHANNEL}`);
      await sleep(NOTIFY_SPACING_MS);
    }
  }
  return false;
}

async function lead(client: pg.Client, context: Session): Promise<void> {
  const { metrics, log, bell, stopping } = context;
  metrics.leader.set(1);
  const tap = createTap(client);
  let replayAt = 0;
  client.on('notification', ({ channel }) => {
    if (channel === TAP_CHANNEL) tap.open();
    else if (channel === REPLAY_CHANNEL) replayAt = 0;
    bell.ring();
  });
  for (const channel of [CHANNEL, TAP_CHANNEL, REPLAY_CHANNEL]) await client.query(`listen ${channel}`);
  const adopted = await adoptForeignRows(client);
  log.info({ adopted }, 'this node relays the outbox');
  const eventIdPrefix = await readEventSource(client);
  const drain = outboxDrain({ ...context, client, eventIdPrefix, tap, onSettled: () => bell.ring() });
  let measureAt = 0;
  let forgetAt = 0;
  let replaying = false;

  // A failure of the next three ends no leadership: the relay does not need them.
  const measure = async (): Promise<void> => {
    const backlog = await measureBacklog(client);
    metrics.outboxRows.set(backlog.rows);
    metrics.outboxAgeSeconds.set(backlog.ageSeconds);
  };
  const forget = async (): Promise<void> => {
    const looked = await forgetHandled(client, INBOX_HOURS, FORGET_MAX);
    if (looked === FORGET_MAX) forgetAt = performance.now() + POLL_MS;
  };
  /** Beside the rest: a consumer that fails again takes its time. */
  const replay = async (): Promise<void> => {
    replaying = true;
    await replayMarked({ ...context, client }).catch((err) => log.warn({ err }, 'dead letters were not replayed'));
    replaying = false;
  };

  while (!stopping.aborted) {
    const more = await drain.pass();
    if (performance.now() >= measureAt) {
      measureAt = performance.now() + BACKLOG_MS;
      await measure().catch((err) => log.warn({ err }, 'the backlog was not measured'));
    }
    if (performance.now() >= forgetAt) {
      forgetAt = performance.now() + FORGET_MS;
      await forget().catch((err) => log.warn({ err }, 'nothing was forgotten from the inbox'));
    }
    if (performance.now() >= replayAt && !replaying) {
      replayAt = performance.now() + REPLAY_MS;
      void replay();
    }
    if (more) continue;
    await bell.wait(POLL_MS);
    await sleep(PASS_SPACING_MS);
  }
  await drain.flush(FLUSH_MS);
}
