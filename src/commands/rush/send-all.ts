import { codeOf } from './answer-body.ts';
import { type Asking, askingQueue } from './asking-queue.ts';
import type { Crowd } from './crowd.ts';
import type { History, Outcome, Retries } from './history.ts';
import type { HttpAnswer } from './response-reader.ts';
import { isBusy } from './retry.ts';
import { openSlots, type Slot } from './slots.ts';

/** No answer for so long: the connection is cut and its user asks again. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Nothing heard from any server for so long: whoever is left counts as unanswered. */
const SILENCE_MAX_MS = 60_000;
const WATCH_EVERY_MS = 500;

export interface RushTargets {
  /** Connections are spread over these. Plain http. */
  readonly urls: readonly URL[];
  readonly connections: number;
}

export interface RushProgress<Told> {
  /** All connections stand, everybody asks: t0. */
  started?(): void;
  /** One more final answer. */
  settled?(outcome: Outcome<Told>): void;
}

/**
 * Sends every request at once: each connection takes the next asker as soon as it has its answer, without HTTP pipelining; a
 * request that follows from an answer goes out before that, on the same connection.
 * A request that breaks or is answered 503 is asked again with backoff until it has a final answer.
 */
export async function sendAll<Told>(
  crowd: Crowd<Told>,
  targets: RushTargets,
  progress: RushProgress<Told> = {},
): Promise<History<Told>> {
  const outcomes: Outcome<Told>[] = [];
  const retries: Retries = { transport: 0, busy: 0 };
  const free = new Set<Slot>();
  const queue = askingQueue(crowd.askers, () => {
    for (const slot of free) return ask(slot);
  });
  let startedAt: number | undefined;
  let heardMs = 0;
  let settled = 0;
  const nowMs = (): number => performance.now() - (startedAt ?? 0);

  function ask(slot: Slot): void {
    const asking = startedAt === undefined ? undefined : queue.next(nowMs());
    if (asking === undefined) {
      free.add(slot);
      return;
    }
    free.delete(slot);
    slot.asking = asking;
    slot.connection.send(asking.follows ?? crowd.request(asking.asker));
  }

  function answered(slot: Slot, answer: HttpAnswer): void {
    const asking = slot.asking;
    if (asking === undefined) {
      slot.connection.cut(); // an answer that nobody asked for
      return;
    }
    slot.asking = undefined;
    heardMs = nowMs();
    if (!answer.closes) free.add(slot);
    const code = codeOf(answer.status, answer.body);
    if (isBusy(answer.status, code)) {
      retries.busy += 1;
      queue.again(asking, answer.retryAfterMs);
    } else {
      settle(asking, answer, code);
    }
    if (free.has(slot)) ask(slot);
  }

  function settle(asking: Asking, { status, body }: HttpAnswer, code: string | undefined): void {
    const { follows, ...facts } = asking;
    const outcome = {
      ...facts,
      user: crowd.user(asking.asker),
      status,
      code,
      told: crowd.read(status, body),
      answeredMs: heardMs,
    };
    outcomes.push(outcome);
    progress.settled?.(outcome);
    const next = crowd.follow?.(outcome);
    if (next === undefined) {
      settled += 1;
      queue.settle();
    } else {
      queue.follow(asking, next);
    }
  }

  function lost(slot: Slot): void {
    free.delete(slot);
    const asking = slot.asking;
    slot.asking = undefined;
    if (asking === undefined || queue.isDone()) return;
    retries.transport += 1;
    queue.again(asking, undefined);
  }

  const width = Math.min(targets.connections, crowd.askers);
  const events = { free: ask, answer: answered, lost, wanted: () => !queue.isDone() };
  const slots = await openSlots(targets.urls, width, events);
  startedAt = performance.now();
  progress.started?.();
  for (const slot of [...free]) ask(slot);

  const watch = setInterval(() => {
    const now = nowMs();
    if (now - heardMs > SILENCE_MAX_MS) queue.stop();
    for (const { asking, connection } of slots) {
      if (asking !== undefined && now - asking.sentMs > ANSWER_TIMEOUT_MS) connection.cut();
    }
  }, WATCH_EVERY_MS);
  await queue.done;
  clearInterval(watch);
  queue.stop();
  for (const { connection } of slots) connection.cut();
  return { outcomes, unanswered: crowd.askers - settled, retries };
}
