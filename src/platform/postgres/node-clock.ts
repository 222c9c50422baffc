import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { CallClock, Clock } from '../kernel/clock.ts';
import { createNotifier } from '../kernel/notifier.ts';
import { outageLog } from '../telemetry/outage-log.ts';
import { callClock } from './call-clock.ts';
import { clockEstimate, type Measurement, measureOffset } from './clock-estimate.ts';
import { READ_TIME, timeIn } from './database-time.ts';

/** Between two measurements. */
export const MEASURE_EVERY_MS = 60_000;
/** After a measurement that failed, or during which a clock jumped. */
export const MEASURE_RETRY_MS = 1_000;

export interface NodeClockOptions {
  readonly pool: Pick<pg.Pool, 'query'>;
  /** The wall clock of this machine. It may be wrong, and it may jump. */
  readonly wall: Clock;
  /** A monotonic clock in ms. Default performance.now. It stops while the machine is suspended. */
  readonly monotonic?: () => number;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** The database's clock as this node estimates it. */
export interface NodeClock {
  readonly estimate: Clock;
  /** The time by which processes know each other's calls. Each use also notices a jump, as one of `estimate` does. */
  readonly calls: CallClock;
  last(): Measurement;
  /** Gives the last measurement and each later one to `publish`. A rejection of a later one is logged. */
  publishTo(publish: (measurement: Measurement) => Promise<void>): Promise<void>;
  /**
   * False while the estimate may be wrong: the wall clock jumped against the monotonic one (or the machine was suspended), the
   * last measurement is older than 150 s, or its round trip took more than 2 s.
   */
  isTrusted(): boolean;
  /**
   * Compares the estimate with a time that the database returned to a statement. `sentMs` is the estimate when it was sent. When
   * they do not agree within 1 s, the clock is measured again at once.
   */
  observe(databaseMs: number, sentMs: number): void;
  stop(): Promise<void>;
}

/**
 * Measures the offset between this node's clock and the database's: now, every minute, and at once when a clock has jumped. Between
 * two measurements the estimate follows the monotonic clock, so that a jump of the wall clock does not move it.
 * @throws what PostgreSQL throws, when the first measurement fails
 */
export async function openNodeClock(options: NodeClockOptions): Promise<NodeClock> {
  const { pool, wall, log } = options;
  const machine = { wall, monotonic: options.monotonic ?? (() => performance.now()) };
  let publish = (_: Measurement): Promise<void> => Promise.resolve();
  const metrics = clockMetrics(options.metrics);
  const outage = outageLog({
    log,
    message: "the offset to the database's clock was not measured",
    over: "the offset to the database's clock is measured again",
  });
  const notifier = createNotifier();
  const stopping = new AbortController();

  const measure = () => measureOffset(machine, async () => timeIn(await pool.query(READ_TIME.text)));
  const first = await measure();
  const calls = callClock(first, machine.monotonic);
  const clock = clockEstimate(machine, first, (reason, byMs, isFirst) => {
    if (isFirst) {
      metrics.jumps.inc();
      log.warn({ byMs: Math.round(byMs) }, reason);
    }
    notifier.notify();
  });
  const { estimate, last, isTrusted, observe } = clock;

  function show(): void {
    metrics.offset.set(last().offsetMs / 1_000);
    metrics.uncertainty.set(last().uncertaintyMs / 1_000);
  }

  async function remeasure(): Promise<boolean> {
    try {
      const sample = await measure();
      clock.accept(sample);
      calls.accept(sample);
      show();
      await publish(last());
      outage.succeeded();
      return true;
    } catch (error) {
      if (!stopping.signal.aborted) outage.failed(error);
      return false;
    }
  }

  async function keep(): Promise<void> {
    let isMeasured = true;
    while (!stopping.signal.aborted) {
      await notifier.wait(isMeasured ? MEASURE_EVERY_MS : 0);
      if (stopping.signal.aborted) return;
      isMeasured = await remeasure();
      if (!isMeasured || clock.isSuspect())
        await sleep(MEASURE_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  show();
  metrics.trusted(isTrusted);
  const keeping = keep();
  return {
    estimate,
    calls: {
      now() {
        estimate();
        return calls.now();
      },
      times() {
        estimate();
        return calls.times();
      },
    },
    last,
    async publishTo(to) {
      publish = to;
      await to(last());
    },
    isTrusted,
    observe,
    async stop() {
      stopping.abort();
      notifier.notify();
      await keeping;
    },
  };
}

function clockMetrics(registry: Registry) {
  const registers = [registry];
  return {
    offset: new Gauge({
      name: 'stampede_clock_offset_seconds',
      help: "What has to be added to this node's clock to get the database's",
      aggregator: 'average',
      registers,
    }),
    uncertainty: new Gauge({
      name: 'stampede_clock_uncertainty_seconds',
      help: 'Half of the round trip of the measurement of the offset',
      aggregator: 'max',
      registers,
    }),
    jumps: new Counter({
      name: 'stampede_clock_jumps_total',
      help: "How often this node's clock, or the database's, jumped between two measurements",
      registers,
    }),
    trusted: (isTrusted: () => boolean) =>
      new Gauge({
        name: 'stampede_clock_trusted',
        help: '1 while scheduled work may run here: the offset is known',
        aggregator: 'min',
        registers,
        collect() {
          this.set(isTrusted() ? 1 : 0);
        },
      }),
  };
}
