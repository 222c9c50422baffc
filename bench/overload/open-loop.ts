import Denque from 'denque';
import type { LoadProfile } from '../../src/commands/rush/load-profile.ts';
import type { PendingRequest } from '../../src/commands/rush/request-queue.ts';
import { bytesOf } from '../../src/commands/rush/requests.ts';
import { openSlots, type Slot } from '../../src/commands/rush/slots.ts';

/** Requests at a fixed rate, independent of earlier responses. */
export interface Phase {
  readonly perSecond: number;
  readonly seconds: number;
}

/** The last response to one arrival. Milliseconds since the start of the load. */
export interface Arrival {
  readonly dueMs: number;
  /** Undefined: it was never sent, or got no response before the end. */
  readonly status: number | undefined;
  readonly respondedMs: number;
}

export interface OpenLoop {
  readonly profile: LoadProfile<unknown>;
  readonly url: URL;
  readonly connections: number;
  readonly phases: readonly Phase[];
}

/**
 * An arrival that could not be sent for so long is not sent at all. Otherwise a generator that is slower than its rate would send only what
 * has waited in it already, and everything would look late.
 */
const UNSENT_AFTER_MS = 100;
const TICK_MS = 1;
/** The wait for pending responses after the last phase. */
const SETTLE_MS = 5_000;

/**
 * Sends requests when they are due. A request that finds every connection taken waits, and its wait counts: latency is measured from
 * the moment at which a request was due. Nothing is retried. Returns when all responses have arrived, or 5 s after the last phase.
 */
export async function openLoop({ profile, url, connections, phases }: OpenLoop): Promise<readonly Arrival[]> {
  const arrivals: Arrival[] = [];
  const free = new Set<Slot>();
  const waiting = new Denque<PendingRequest>();
  let startedAt = 0;
  let pending = 0;
  let isOver = false;
  const ping = bytesOf(`GET /healthz HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`);
  const nowMs = (): number => performance.now() - startedAt;

  function send(slot: Slot, asking: PendingRequest): void {
    free.delete(slot);
    asking.sentMs = nowMs();
    slot.pending = asking;
    slot.connection.send(asking.follows ?? profile.request(asking.client));
  }

  function settle({ beganMs }: PendingRequest, status: number | undefined): void {
    pending -= 1;
    arrivals.push({ dueMs: beganMs, status, respondedMs: nowMs() });
  }

  /** Sends what waits, as far as connections are free. */
  function dispatch(): void {
    for (const slot of free) {
      const asking = nextInTime();
      if (asking === undefined) return;
      send(slot, asking);
    }
  }

  /** The arrival that has waited longest, of those that may still be sent. */
  function nextInTime(): PendingRequest | undefined {
    for (;;) {
      const asking = waiting.shift();
      if (asking === undefined || nowMs() - asking.beganMs <= UNSENT_AFTER_MS) return asking;
      settle(asking, undefined);
    }
  }

  const slots = await openSlots([url], connections, {
    // The server closes a connection without a request after 10 s.
    free: (slot) => slot.connection.send(ping),
    response(slot, { status, body, closes }) {
      const { pending } = slot;
      if (pending === undefined) return void (closes || free.add(slot));
      slot.pending = undefined;
      const outcome = {
        ...pending,
        user: '',
        status,
        code: undefined,
        data: profile.read(status, body),
        respondedMs: 0,
      };
      const follows = profile.follow?.(outcome);
      if (follows !== undefined && !closes) {
        pending.follows = follows;
        pending.step += 1;
        return send(slot, pending);
      }
      settle(pending, status);
      if (!closes) free.add(slot);
    },
    lost(slot) {
      free.delete(slot);
      if (slot.pending !== undefined) settle(slot.pending, undefined);
      slot.pending = undefined;
    },
    wanted: () => !isOver,
  });

  startedAt = performance.now();
  let client = 0;
  let phaseStartMs = 0;
  for (const { perSecond, seconds } of phases) {
    const total = Math.round(perSecond * seconds);
    const base = phaseStartMs;
    for (let made = 0; made < total; ) {
      const due = Math.min(total, Math.floor(((nowMs() - base) * perSecond) / 1_000));
      for (; made < due; made++) {
        const beganMs = base + (made * 1_000) / perSecond;
        waiting.push({
          client: client++,
          follows: undefined,
          step: 0,
          attempts: 1,
          beganMs,
          firstSentMs: 0,
          sentMs: 0,
        });
        pending += 1;
      }
      dispatch();
      await new Promise((resume) => setTimeout(resume, TICK_MS));
    }
    phaseStartMs += seconds * 1_000;
  }
  const endMs = nowMs() + SETTLE_MS;
  while (pending > 0 && nowMs() < endMs) {
    dispatch();
    await new Promise((resume) => setTimeout(resume, 10));
  }
  isOver = true;
  for (const { pending, connection } of slots) {
    if (pending !== undefined) settle(pending, undefined);
    connection.cut();
  }
  for (let asking = waiting.shift(); asking !== undefined; asking = waiting.shift()) settle(asking, undefined);
  return arrivals;
}
