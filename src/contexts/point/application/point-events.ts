import type { OutboxBatch } from '../../../platform/events/outbox.ts';
import type { LedgerDecision } from '../domain/decision.ts';
import type { Lot } from '../domain/lots/lot.ts';
import type { Posting } from '../domain/postings/transaction.ts';
import { COUNTED_TOPICS, type PointEvents } from '../events.ts';
import type { ExpiringPoints } from './ports.ts';

const COUNTED: ReadonlySet<string> = new Set(COUNTED_TOPICS);

type Topic = keyof PointEvents;
/** The topics of the ledger's transactions, and what each has in addition to the fields that all of them share. */
type LedgerTopic = Exclude<Topic, 'point.expiring'>;
type Shared = Pick<PointEvents[LedgerTopic], 'transactionId' | 'userId' | 'amount' | 'balance' | 'orderId'>;
type Part = {
  readonly [Name in LedgerTopic]: { readonly topic: Name; readonly fields: Omit<PointEvents[Name], keyof Shared> };
};
type PointEvent = Part[LedgerTopic];
interface Events {
  readonly topic: Topic;
  readonly events: PointEvents[Topic][];
}

/** Builds the outbox batches of a decision's events. The events of each user keep their order. */
export function pointEvents({ postings, newLots, nowMs }: LedgerDecision): OutboxBatch[] {
  const at = new Date(nowMs).toISOString();
  const lots = new Map(newLots.map((lot) => [lot.id, lot]));
  // The first events of all users, then the second ones; neighbours with the same topic form a batch.
  const ranks = new Map<bigint, number>();
  const ranked = new Map<string, Events & { readonly rank: number }>();
  for (const posting of postings) {
    const { userId, id, balance, orderId } = posting.transaction;
    const event = eventOf(posting, lots, at);
    if (!event) continue;
    const rank = ranks.get(userId) ?? 0;
    ranks.set(userId, rank + 1);
    const shared: Shared = {
      transactionId: String(id),
      userId: String(userId),
      amount: String(posting.amount),
      balance: String(balance),
      orderId,
    };
    const place = `${rank} ${event.topic}`;
    const batch = ranked.get(place) ?? { rank, topic: event.topic, events: [] };
    if (batch.events.length === 0) ranked.set(place, batch);
    batch.events.push({ ...shared, ...event.fields });
  }
  const batches: Events[] = [];
  for (const { topic, events } of [...ranked.values()].sort((a, b) => a.rank - b.rank)) {
    const last = batches.at(-1);
    if (last?.topic === topic) last.events.push(...events);
    else batches.push({ topic, events });
  }
  return batches.map(({ topic, events }) => batchOf(topic, events));
}

/** Builds the events of notices; at least one. */
export const expiringEvents = (notices: readonly ExpiringPoints[]): OutboxBatch[] => [
  batchOf(
    'point.expiring',
    notices.map(({ userId, amount, daysAhead, day }) => ({
      userId: String(userId),
      amount: String(amount),
      daysAhead,
      expiresOn: day,
    })),
  ),
];

/** Events of a topic have the same fields in the same order. */
function batchOf<Name extends Topic>(topic: Name, events: readonly PointEvents[Name][]): OutboxBatch {
  const columns = Object.keys(events[0] ?? {});
  const counted = COUNTED.has(topic) ? { countAll: true } : {};
  return {
    topic,
    source: 'point',
    keyField: 'userId',
    common: {},
    columns,
    rows: events.map(Object.values),
    ...counted,
  };
}

function eventOf(
  { transaction: { id, type, sourceId }, to, moves }: Posting,
  lots: ReadonlyMap<bigint, Lot>,
  at: string,
): PointEvent | undefined {
  switch (type) {
    case 'CHARGE':
    case 'EARN':
      return earned(type, lots.get(id), at);
    case 'ADJUST':
      return to === 'USER' ? earned(type, lots.get(id), at) : { topic: 'point.used', fields: { type, usedAt: at } };
    case 'USE':
    case 'CAPTURE':
      return { topic: 'point.used', fields: { type, usedAt: at } };
    case 'CANCEL': {
      const direction = to === 'USER' ? 'GIVEN_BACK' : 'TAKEN_BACK';
      return { topic: 'point.cancelled', fields: { direction, sourceId: String(sourceId), cancelledAt: at } };
    }
    case 'EXPIRE':
      return { topic: 'point.expired', fields: { lots: moves.length, expiredAt: at } };
    case 'HOLD':
    case 'RELEASE':
      return undefined;
  }
}

const instant = (ms: number | null | undefined): string | null =>
  ms === null || ms === undefined || ms === Number.POSITIVE_INFINITY ? null : new Date(ms).toISOString();

const earned = (type: PointEvents['point.earned']['type'], lot: Lot | undefined, at: string): Part['point.earned'] => ({
  topic: 'point.earned',
  fields: { type, availableAt: instant(lot?.availableAtMs), expiresAt: instant(lot?.expiresAtMs), earnedAt: at },
});
