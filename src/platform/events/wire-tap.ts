import type pg from 'pg';
import type { Delivery } from './bus.ts';

/** Notified by `stampede events tail`, again and again. Without it no event is sent. */
export const WIRE_TAP_CHANNEL = 'stampede_tap';
/** The channel of the copied events, one notification each. */
export const TAIL_CHANNEL = 'stampede_shown';
/** A notification on TAP_CHANNEL keeps the tap open for this long. */
export const WIRE_TAP_OPEN_MS = 5_000;

/** The most events copied in a second; the rest is counted. */
const EVENTS_PER_SECOND_MAX = 1_000;
/** PostgreSQL takes less than 8000 bytes a notification. */
const BYTES_MAX = 7_500;

/** The content of one notification. */
export type TailMessage =
  | { readonly kind: 'event'; readonly delivery: Delivery }
  /** An event without its data, which is too long for a notification. */
  | { readonly kind: 'long'; readonly delivery: Delivery }
  | { readonly kind: 'left out'; readonly events: number };

/** A wire tap: copies published events to clients that listen on the database, on any machine. */
export interface WireTap {
  isOpen(): boolean;
  /** Opens the tap for the next 5 s. */
  open(): void;
  show(deliveries: readonly Delivery[]): void;
}

export function createWireTap(client: Pick<pg.ClientBase, 'query'>): WireTap {
  let openUntil = 0;
  let second = 0;
  let shown = 0;
  let leftOut = 0;
  return {
    isOpen: () => performance.now() < openUntil,
    open() {
      openUntil = performance.now() + WIRE_TAP_OPEN_MS;
    },
    show(deliveries) {
      const now = Math.floor(performance.now() / 1_000);
      const texts: string[] = [];
      if (now !== second) {
        if (leftOut > 0) texts.push(JSON.stringify({ kind: 'left out', events: leftOut } satisfies TailMessage));
        second = now;
        shown = 0;
        leftOut = 0;
      }
      const included = deliveries.slice(0, EVENTS_PER_SECOND_MAX - shown);
      shown += included.length;
      leftOut += deliveries.length - included.length;
      texts.push(...included.map(textOf));
      if (texts.length === 0) return;
      // When this connection breaks, the relay fails too, and logs it.
      client
        .query(`select pg_notify('${TAIL_CHANNEL}', text) from unnest($1::text[]) as text`, [texts])
        .catch(() => {});
    },
  };
}

function textOf(delivery: Delivery): string {
  const text = JSON.stringify({ kind: 'event', delivery } satisfies TailMessage);
  if (Buffer.byteLength(text) <= BYTES_MAX) return text;
  const event = { ...delivery.event, data: {} };
  return JSON.stringify({ kind: 'long', delivery: { ...delivery, event } } satisfies TailMessage);
}
