import type pg from 'pg';
import type { Delivery } from './bus.ts';

/** Notified by who looks on, again and again. Nothing is shown while nobody does. */
export const TAP_CHANNEL = 'stampede_tap';
/** Where events are shown, one notification each. */
export const SHOWN_CHANNEL = 'stampede_shown';
/** Who looks on repeats it within this time. */
export const TAP_OPEN_MS = 5_000;

/** Of each second; the rest is counted. It is for eyes, and for pipes that can wait. */
const SHOWN_MAX = 1_000;
/** PostgreSQL takes less than 8000 bytes a notification. */
const BYTES_MAX = 7_500;

/** What one notification says. */
export type Shown =
  | { readonly kind: 'event'; readonly delivery: Delivery }
  /** Its data is too long to be shown. */
  | { readonly kind: 'long'; readonly delivery: Delivery }
  | { readonly kind: 'left out'; readonly events: number };

/** Shows events to whoever listens on the database, on whatever machine. */
export interface Tap {
  isOpen(): boolean;
  /** For the next 5 s. */
  open(): void;
  show(deliveries: readonly Delivery[]): void;
}

export function createTap(client: Pick<pg.ClientBase, 'query'>): Tap {
  let openUntil = 0;
  let second = 0;
  let shown = 0;
  let leftOut = 0;
  return {
    isOpen: () => performance.now() < openUntil,
    open() {
      openUntil = performance.now() + TAP_OPEN_MS;
    },
    show(deliveries) {
      const now = Math.floor(performance.now() / 1_000);
      const texts: string[] = [];
      if (now !== second) {
        if (leftOut > 0) texts.push(JSON.stringify({ kind: 'left out', events: leftOut } satisfies Shown));
        second = now;
        shown = 0;
        leftOut = 0;
      }
      const room = deliveries.slice(0, SHOWN_MAX - shown);
      shown += room.length;
      leftOut += deliveries.length - room.length;
      texts.push(...room.map(textOf));
      if (texts.length === 0) return;
      // A connection that breaks here breaks for the relay as well, which says so.
      client
        .query(`select pg_notify('${SHOWN_CHANNEL}', text) from unnest($1::text[]) as text`, [texts])
        .catch(() => {});
    },
  };
}

function textOf(delivery: Delivery): string {
  const text = JSON.stringify({ kind: 'event', delivery } satisfies Shown);
  if (Buffer.byteLength(text) <= BYTES_MAX) return text;
  const event = { ...delivery.event, data: {} };
  return JSON.stringify({ kind: 'long', delivery: { ...delivery, event } } satisfies Shown);
}
