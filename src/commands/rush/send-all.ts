import { askingQueue } from './asking-queue.ts';
import type { History, Outcome, Retries } from './history.ts';
import { readBody } from './read-body.ts';
import type { PreparedRequests } from './requests.ts';
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

export interface RushProgress {
  /** All connections stand, everybody asks: t0. */
  started(): void;
  /** One more user has a final answer. */
  settled(outcome: Outcome): void;
}

/**
 * Sends every request at once: each connection takes the next user as soon as it has its answer, without HTTP pipelining.
 * A request that breaks or is answered 503 is asked again with backoff until it has a final answer.
 */
export async function sendAll(
  requests: PreparedRequests,
  targets: RushTargets,
  progress: RushProgress,
): Promise<History> {
  const outcomes: Outcome[] = [];
  const retries: Retries = { transport: 0, busy: 0 };
  const free = new Set<Slot>();
  const queue = askingQueue(requests.count, () => {
    for (const slot of free) return ask(slot);
  });
  let startedAt: number | undefined;
  let heardMs = 0;
  const nowMs = (): number => performance.now() - (startedAt ?? 0);

  function ask(slot: Slot): void {
    const asking = startedAt === undefined ? undefined : queue.next(nowMs());
    if (asking === undefined) {
      free.add(slot);
      return;
    }
    free.delete(slot);
    slot.asking = asking;
    slot.connection.send(requests.request(asking.index));
  }

  function answered(slot: Slot, answer: HttpAnswer): void {
    const asking = slot.asking;
    if (asking === undefined) {
      slot.connection.cut(); // an answer that nobody asked for
      return;
    }
    slot.asking = undefined;
    heardMs = nowMs();
    const facts = readBody(answer.status, answer.body);
    if (isBusy(answer.status, facts.code)) {
      retries.busy += 1;
      queue.again(asking, answer.retryAfterMs);
    } else {
      const { attempts, firstSentMs, sentMs } = asking;
      const user = requests.user(asking.index);
      const outcome = { user, status: answer.status, ...facts, firstSentMs, sentMs, answeredMs: heardMs, attempts };
      outcomes.push(outcome);
      progress.settled(outcome);
      queue.settle();
    }
    if (!answer.closes) ask(slot);
  }

  function lost(slot: Slot): void {
    free.delete(slot);
    const asking = slot.asking;
    slot.asking = undefined;
    if (asking === undefined || queue.isDone()) return;
    retries.transport += 1;
    queue.again(asking, undefined);
  }

  const width = Math.min(targets.connections, requests.count);
  const events = { free: ask, answer: answered, lost, wanted: () => !queue.isDone() };
  const slots = await openSlots(targets.urls, width, events);
  startedAt = performance.now();
  progress.started();
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
  return { outcomes, unanswered: requests.count - outcomes.length, retries };
}
