import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Gauge, Registry } from 'prom-client';
import { createNotifier, type Notifier } from '../kernel/notifier.ts';
import { forgetHandled, serverStart } from '../postgres/inbox.ts';
import { openSession } from '../postgres/session.ts';
import { type Outage, outageLog } from '../telemetry/outage-log.ts';
import type { EventBus } from './bus.ts';
import type { EventCheck } from './check.ts';
import type { DeadLetters } from './dead-letters.ts';
import { type EventSource, readEventSource } from './event-source.ts';
import { outboxDrain } from './outbox-drain.ts';
import { adoptForeignRows, measureBacklog } from './outbox-rows.ts';
import { RELAY_LOCK } from './relay-lock.ts';
import { type RelayMetrics, relayMetrics } from './relay-metrics.ts';
import { REPLAY_CHANNEL, replayMarked } from './replay.ts';
import { createWireTap, WIRE_TAP_CHANNEL } from './wire-tap.ts';

/** A row whose notification was lost waits at most this long. */
const POLL_MS = 1_000;
/** How often a standby tries to get the leader's lock, and how soon a lost connection is opened again. */
const STANDBY_MS = 500;
/** Notifications within this time cause one pass of the leader, or one NOTIFY by a standby. */
const PASS_SPACING_MS = 10;
/**
 * The same after a pass of many events. A transaction of a consumer costs much the same whatever its size, and takes its time from the requests that lead to
 * the events.
 */
const BUSY_SPACING_MS = 50;
const BUSY_EVENTS = 100;
const NOTIFY_SPACING_MS = 20;
const BACKLOG_MS = 5_000;
/** How often marked dead letters are looked for whose notification was lost. */
const REPLAY_MS = 5_000;
/** An event is delivered again within seconds, at worst after an outage of days. */
const INBOX_HOURS = 7 * 24;
const FORGET_MS = 60_000;
/** Inbox rows that one call deletes at most; after a full call the next one follows soon. */
const FORGET_MAX = 10_000;
const FLUSH_MS = 2_000;
const CHANNEL = 'stampede_outbox';
const LEADER_LOCK = `select pg_try_advisory_lock(${RELAY_LOCK}) as leading`;
/**
 * A leader sends a statement every second. PostgreSQL ends the session of a frozen leader, which releases its lock. Rows whose deletion a crash
 * undoes are published again, so a deletion needs no flush of WAL.
 */
const SESSION = `set idle_session_timeout = '5s'; set statement_timeout = '10s'; set synchronous_commit = off`;
const RESPONSE_TIMEOUT_MS = 11_000;

export interface RelayOptions {
  readonly url: string;
  readonly bus: EventBus;
  readonly check: Pick<EventCheck, 'outgoing'>;
  readonly deadLetters: DeadLetters;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** Publishes events of the outbox to the bus. Every node has a relay; the one that holds an advisory lock works. */
export interface Relay {
  /** Call after a commit that wrote to the outbox. Cheap; many calls count as one. */
  notify(): void;
  /** Starts in the background and retries while the database is not available. */
  start(): void;
  /** Call before the bus stops: rows that are being published get 2 s. Resolves when the connection is closed. */
  stop(): Promise<void>;
}

export function createRelay(options: RelayOptions): Relay {
  const { bus, log } = options;
  const metrics = relayMetrics(options.metrics);
  const notifier = createNotifier();
  const stopping = new AbortController();
  const outages: RelayOutages = {
    session: outageLog({
      log,
      message: 'the outbox relay failed and starts again',
      over: 'the outbox relay works again',
    }),
    replay: outageLog({ log, message: 'dead letters were not replayed', over: 'dead letters are replayed again' }),
    measure: outageLog({ log, message: 'the backlog was not measured', over: 'the backlog is measured again' }),
    forget: outageLog({ log, message: 'old inbox rows were not deleted', over: 'old inbox rows are deleted again' }),
  };
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await session({ ...options, metrics, outages, notifier, stopping: stopping.signal });
      } catch (error) {
        if (!stopping.signal.aborted) outages.session.failed(error);
      }
      // Only the leader measures these.
      for (const gauge of [metrics.outboxRows, metrics.outboxAgeSeconds, metrics.lagSeconds]) gauge.set(0);
      await sleep(STANDBY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    notify() {
      // Without a subscribed topic the poll deletes rows soon enough, many at once.
      if (bus.subscribedTopics()?.size !== 0) notifier.notify();
    },
    start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      notifier.notify();
      await running;
    },
  };
}

/** What may fail again and again. */
type RelayOutages = Readonly<Record<'session' | 'replay' | 'measure' | 'forget', Outage>>;

interface Session extends Omit<RelayOptions, 'metrics'> {
  readonly metrics: RelayMetrics;
  readonly outages: RelayOutages;
  readonly notifier: Notifier;
  readonly stopping: AbortSignal;
}

/** Runs one connection: standby until the lock is free, then leader until the connection ends. */
async function session(context: Session): Promise<void> {
  // The wire tap and the replay send statements on this connection while the drain does, so it is pipelined.
  const client = await openSession(context.url, {
    name: 'stampede-relay',
    responseTimeoutMs: RESPONSE_TIMEOUT_MS,
    pipeline: true,
  });
  // The next statement fails as well.
  client.on('error', () => context.notifier.notify());
  let leader: Gauge.Internal<'database'> | undefined;
  try {
    await client.query(SESSION);
    const source = await readEventSource(client);
    leader = context.metrics.leader.labels(source.id);
    leader.set(0);
    if (await standBy(client, context)) {
      leader.set(1);
      await lead(client, source, context);
    }
  } finally {
    leader?.set(0);
    await client.end().catch(() => undefined);
  }
}

/** Returns true when this node became the leader, false when it stops. */
async function standBy(client: pg.Client, { outages, notifier, stopping }: Session): Promise<boolean> {
  while (!stopping.aborted) {
    const { rows } = await client.query<{ leading: boolean }>(LEADER_LOCK);
    if (rows[0]?.leading === true) return true;
    outages.session.succeeded();
    const retryAt = performance.now() + STANDBY_MS;
    for (let left = STANDBY_MS; left > 0 && !stopping.aborted; left = retryAt - performance.now()) {
      if (!(await notifier.wait(left)) || stopping.aborted) continue;
      // A statement of its own: a commit that notifies holds a lock that every other notifying commit waits for.
      await client.query(`notify ${CHANNEL}`);
      await sleep(NOTIFY_SPACING_MS);
    }
  }
  return false;
}

async function lead(client: pg.Client, source: EventSource, context: Session): Promise<void> {
  const { metrics, log, outages, notifier, stopping } = context;
  const wireTap = createWireTap(client);
  let replayAt = 0;
  client.on('notification', ({ channel }) => {
    if (channel === WIRE_TAP_CHANNEL) wireTap.open();
    else if (channel === REPLAY_CHANNEL) replayAt = 0;
    notifier.notify();
  });
  for (const channel of [CHANNEL, WIRE_TAP_CHANNEL, REPLAY_CHANNEL]) await client.query(`listen ${channel}`);
  const adopted = await adoptForeignRows(client);
  log[adopted > 0 ? 'info' : 'debug']({ adopted }, 'this node relays the outbox');
  const drain = outboxDrain({
    ...context,
    client,
    eventIdPrefix: source.prefixOf,
    outboxServer: await serverStart(client),
    wireTap,
    onSettled: () => notifier.notify(),
  });
  let measureAt = 0;
  let forgetAt = 0;
  let replaying = false;

  // A failure of one of the next three does not end the leadership.
  const measure = async (): Promise<void> => {
    const backlog = await measureBacklog(client);
    metrics.outboxRows.set(backlog.rows);
    metrics.outboxAgeSeconds.set(backlog.ageSeconds);
  };
  const forget = async (): Promise<void> => {
    const looked = await forgetHandled(client, INBOX_HOURS, FORGET_MAX);
    if (looked === FORGET_MAX) forgetAt = performance.now() + POLL_MS;
  };
  /** Runs concurrently: a consumer that fails again takes seconds. */
  const replay = async (): Promise<void> => {
    replaying = true;
    await replayMarked({ ...context, client }).then(outages.replay.succeeded, outages.replay.failed);
    replaying = false;
  };

  while (!stopping.aborted) {
    const { events, more } = await drain.pass();
    outages.session.succeeded();
    if (performance.now() >= measureAt) {
      measureAt = performance.now() + BACKLOG_MS;
      await measure().then(outages.measure.succeeded, outages.measure.failed);
    }
    if (performance.now() >= forgetAt) {
      forgetAt = performance.now() + FORGET_MS;
      await forget().then(outages.forget.succeeded, outages.forget.failed);
    }
    if (performance.now() >= replayAt && !replaying) {
      replayAt = performance.now() + REPLAY_MS;
      void replay();
    }
    if (more) continue;
    await notifier.wait(POLL_MS);
    await sleep(events < BUSY_EVENTS ? PASS_SPACING_MS : BUSY_SPACING_MS);
  }
  await drain.flush(FLUSH_MS);
}
