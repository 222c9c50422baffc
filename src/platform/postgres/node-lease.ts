import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Clock } from '../kernel/clock.ts';
import { createNotifier } from '../kernel/notifier.ts';
import { Unavailable } from '../kernel/refusal.ts';
import { outageLog } from '../telemetry/outage-log.ts';
import { ALL_NODES, acquireNumber, LEASE_MS, type NodeRange, releaseNumber, renewNumber } from './node-numbers.ts';

const RENEW_MS = 10_000;
const RETRY_MS = 1_000;
/** The lease counts as lost this long before the database may give the number to another process. */
const MARGIN_MS = 5_000;

export interface NodeLeaseOptions {
  readonly pool: Pick<pg.Pool, 'query'>;
  /** The clock of the ids. */
  readonly clock: Clock;
  /** A monotonic clock in ms. Default performance.now. It continues while the process is frozen. */
  readonly monotonic?: () => number;
  /** Which numbers. Default: all 1024. Processes on different databases whose ids meet have ranges that do not overlap. */
  readonly range?: NodeRange;
  /** Published with the lease: by them processes find out whether they have the same secrets and settings. Default: none. */
  readonly processChecks?: readonly string[];
  readonly log: Logger;
}

export interface NodeLease {
  /** Names this process in platform.node_leases. */
  readonly holder: string;
  /**
   * The number for an id of the millisecond `atMs`.
   * @throws Unavailable DEPENDENCY_UNAVAILABLE while no lease covers it
   */
  node(atMs: number): number;
  /** Gives the number back. */
  stop(): Promise<void>;
}

interface Held {
  readonly node: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** By the monotonic clock. */
  readonly deadline: number;
}

/**
 * Leases a node number for Snowflake ids and keeps renewing it.
 *
 * Two things are leased together: the number for 60 s of the database's clock, and the milliseconds that ids with it may
 * carry. The first decides when another process may take the number. The second is what makes ids unique, without trusting
 * any clock: a process only makes ids inside [from, until], the row remembers the highest `until` ever given, and who
 * takes the number over starts above it. So two holders' ranges never overlap, even when their clocks differ by hours,
 * jump, or stop with a suspended machine. The monotonic deadline comes on top: who slept through the expiry makes no id
 * before it has asked the database.
 *
 * @throws Unavailable when the first lease cannot be had
 */
export async function leaseNode(options: NodeLeaseOptions): Promise<NodeLease> {
  const { pool, clock, range = ALL_NODES, processChecks = [], log } = options;
  const monotonic = options.monotonic ?? (() => performance.now());
  const holder = randomUUID();
  const outage = outageLog({
    log,
    message: 'the lease of the node number could not be renewed',
    over: 'the lease of the node number is renewed again',
  });
  const notifier = createNotifier();
  let held: Held | undefined;
  let highestMs = 0;
  const stopping = new AbortController();

  async function extend(): Promise<void> {
    // Before the question is sent: the database counts its 60 s from a later moment.
    const sentAt = monotonic();
    // Ids never step back, so after the clock did they still carry the highest millisecond.
    const nowMs = Math.max(clock(), highestMs);
    const deadline = sentAt + LEASE_MS - MARGIN_MS;
    // Its clock is before the range of the number; instead of waiting the process leases another number.
    if (held !== undefined && nowMs >= held.fromMs) {
      const renewed = await renewNumber(pool, { node: held.node, holder, nowMs });
      if (renewed !== undefined) {
        held = { ...held, untilMs: renewed, deadline };
        return;
      }
      log.error({ node: held.node }, 'the node number went to another process, leasing a new one');
    }
    held = undefined;
    const fresh = await acquireNumber(pool, { holder, nowMs, range, processChecks });
    held = { node: fresh.node, fromMs: nowMs, untilMs: fresh.untilMs, deadline };
    log.debug({ node: fresh.node }, 'leased a node number');
  }

  async function keep(): Promise<void> {
    let retry = false;
    while (!stopping.signal.aborted) {
      const needed = await notifier.wait(retry ? 0 : RENEW_MS);
      if (stopping.signal.aborted) return;
      try {
        await extend();
        retry = false;
        outage.succeeded();
      } catch (error) {
        retry = true;
        outage.failed(error);
      }
      // Every refused id notifies; the database is queried once a second.
      if (retry || needed) await sleep(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  await extend();
  const keeping = keep();

  return {
    holder,
    node(atMs) {
      if (held !== undefined && atMs >= held.fromMs && atMs <= held.untilMs && monotonic() < held.deadline) {
        if (atMs > highestMs) highestMs = atMs;
        return held.node;
      }
      notifier.notify();
      throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'no lease of a node number covers this moment');
    },
    async stop() {
      stopping.abort();
      notifier.notify();
      await keeping;
      const last = held;
      held = undefined;
      if (last === undefined) return;
      await releaseNumber(pool, { node: last.node, holder, usedUntilMs: Math.max(highestMs, last.fromMs) });
    },
  };
}
