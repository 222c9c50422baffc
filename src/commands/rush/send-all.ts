import type { History, Outcome, Retries } from './history.ts';
import type { LoadProfile } from './load-profile.ts';
import { type PendingRequest, requestQueue } from './request-queue.ts';
import { codeOf } from './response-body.ts';
import type { HttpResponse } from './response-reader.ts';
import { isBusy } from './retry.ts';
import { openSlots, type Slot } from './slots.ts';

/** After this long without a response the connection is cut and the request is retried. */
const RESPONSE_TIMEOUT_MS = 10_000;
/** After this long without any response the remaining requests count as unanswered. */
const SILENCE_MAX_MS = 60_000;
const WATCH_EVERY_MS = 500;

export interface RushTargets {
  /** Connections are spread over these. Plain http. */
  readonly urls: readonly URL[];
  readonly connections: number;
}

export interface RushProgress<Data> {
  /** All connections are open and the requests start: t0. */
  started?(): void;
  /** One more final response. */
  settled?(outcome: Outcome<Data>): void;
}

/**
 * Sends all requests as fast as possible: each connection sends the next request when it has a response, without HTTP pipelining. A
 * follow-up request is sent first, on the same connection. A request whose connection broke, or that got 503, is retried with backoff
 * until it has a final response.
 */
export async function sendAll<Data>(
  profile: LoadProfile<Data>,
  targets: RushTargets,
  progress: RushProgress<Data> = {},
): Promise<History<Data>> {
  const outcomes: Outcome<Data>[] = [];
  const retries: Retries = { transport: 0, busy: 0 };
  const free = new Set<Slot>();
  const queue = requestQueue(profile.clients, () => {
    for (const slot of free) return ask(slot);
  });
  let startedAt: number | undefined;
  let heardMs = 0;
  let settled = 0;
  const nowMs = (): number => performance.now() - (startedAt ?? 0);

  function ask(slot: Slot): void {
    const pending = startedAt === undefined ? undefined : queue.next(nowMs());
    if (pending === undefined) {
      free.add(slot);
      return;
    }
    free.delete(slot);
    slot.pending = pending;
    slot.connection.send(pending.follows ?? profile.request(pending.client));
  }

  function answered(slot: Slot, response: HttpResponse): void {
    const pending = slot.pending;
    if (pending === undefined) {
      slot.connection.cut(); // a response without a request
      return;
    }
    slot.pending = undefined;
    heardMs = nowMs();
    if (!response.closes) free.add(slot);
    const code = codeOf(response.status, response.body);
    if (isBusy(response.status, code)) {
      retries.busy += 1;
      queue.again(pending, response.retryAfterMs);
    } else {
      settle(pending, response, code);
    }
    if (free.has(slot)) ask(slot);
  }

  function settle(pending: PendingRequest, { status, body }: HttpResponse, code: string | undefined): void {
    const { follows, ...facts } = pending;
    const outcome = {
      ...facts,
      user: profile.user(pending.client),
      status,
      code,
      data: profile.read(status, body),
      respondedMs: heardMs,
    };
    outcomes.push(outcome);
    progress.settled?.(outcome);
    const next = profile.follow?.(outcome);
    if (next === undefined) {
      settled += 1;
      queue.settle();
    } else {
      queue.follow(pending, next);
    }
  }

  function lost(slot: Slot): void {
    free.delete(slot);
    const pending = slot.pending;
    slot.pending = undefined;
    if (pending === undefined || queue.isDone()) return;
    retries.transport += 1;
    queue.again(pending, undefined);
  }

  const width = Math.min(targets.connections, profile.clients);
  const events = { free: ask, response: answered, lost, wanted: () => !queue.isDone() };
  const slots = await openSlots(targets.urls, width, events);
  startedAt = performance.now();
  progress.started?.();
  for (const slot of [...free]) ask(slot);

  const watch = setInterval(() => {
    const now = nowMs();
    if (now - heardMs > SILENCE_MAX_MS) queue.stop();
    for (const { pending, connection } of slots) {
      if (pending !== undefined && now - pending.sentMs > RESPONSE_TIMEOUT_MS) connection.cut();
    }
  }, WATCH_EVERY_MS);
  await queue.done;
  clearInterval(watch);
  queue.stop();
  for (const { connection } of slots) connection.cut();
  return { outcomes, unanswered: profile.clients - settled, retries };
}
