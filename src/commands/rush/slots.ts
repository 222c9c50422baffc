import { type Connection, openConnection } from './connection.ts';
import type { PendingRequest } from './request-queue.ts';
import type { HttpResponse } from './response-reader.ts';
import { backoffMs } from './retry.ts';

/** One connection at a time, with its pending request. */
export interface Slot {
  pending: PendingRequest | undefined;
  connection: Connection;
}

export interface SlotEvents {
  /** Connected and free. */
  free(slot: Slot): void;
  response(slot: Slot, response: HttpResponse): void;
  /** The connection is closed; another one is opened after a backoff while `wanted` is true. */
  lost(slot: Slot): void;
  wanted(): boolean;
}

/** Connections opened together before t0, below the usual listen backlog of 511. */
const OPENING_MAX = 256;
const NOT_DIALLED: Connection = { send() {}, cut() {} };

/** Opens `count` connections, spread over `urls`. Resolves when each was tried once. */
export async function openSlots(urls: readonly URL[], count: number, events: SlotEvents): Promise<readonly Slot[]> {
  const slots: Slot[] = [];
  while (slots.length < count) {
    const tried: Promise<void>[] = [];
    while (tried.length < OPENING_MAX && slots.length < count) {
      const url = urls[slots.length % urls.length];
      if (url === undefined) throw new RangeError('no url to send to');
      const slot: Slot = { pending: undefined, connection: NOT_DIALLED };
      slots.push(slot);
      tried.push(keepOpen(slot, url, events));
    }
    await Promise.all(tried);
  }
  return slots;
}

function keepOpen(slot: Slot, url: URL, events: SlotEvents): Promise<void> {
  const tried = Promise.withResolvers<void>();
  let failures = 0;
  const dial = (): void => {
    if (!events.wanted()) return;
    slot.connection = openConnection(url, {
      open() {
        failures = 0;
        tried.resolve();
        events.free(slot);
      },
      response: (response) => events.response(slot, response),
      closed() {
        tried.resolve();
        events.lost(slot);
        setTimeout(dial, backoffMs(++failures, undefined)).unref();
      },
    });
  };
  dial();
  return tried.promise;
}
