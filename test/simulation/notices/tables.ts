import type { Choices, NewDelivery } from '../../../src/contexts/notification/application/deliver/ports.ts';
import type { DeliveryState } from '../../../src/contexts/notification/domain/delivery.ts';
import type { NewNotice } from '../../../src/contexts/notification/domain/notice.ts';
import type { NoticeFact } from '../../../src/contexts/notification/domain/notice-fact.ts';

export interface DeliveryRow extends NewDelivery {
  readonly id: bigint;
  state: DeliveryState;
  dueMs: number;
  attempt: number;
  reason: string | null;
  claimedMs: number;
  finishedMs: number | null;
  messageId: bigint | null;
}

/** That a delivery leaves, as it was decided and committed. */
export interface Begun {
  readonly messageId: bigint;
  readonly claimedMs: number;
  readonly atMs: number;
}

/** What holds from a moment on, until the next one. */
export interface Since<Value> {
  readonly fromMs: number;
  readonly value: Value;
}

/** What is committed: the rows of the schema `notification` that notices and deliveries need. */
export interface Tables {
  readonly nextId: () => bigint;
  /** Ids of events that were handled. */
  readonly handled: Set<string>;
  readonly intake: (readonly NoticeFact[])[];
  readonly notices: Map<string, NewNotice & { readonly number: bigint }>;
  readonly lastNumbers: Map<bigint, bigint>;
  /** Users who have deleted the account. */
  readonly deleted: Set<bigint>;
  readonly batches: { readonly id: bigint; readonly keys: readonly string[] }[];
  readonly deliveries: Map<string, DeliveryRow>;
  /** The last decision that each delivery leaves. It stays when the delivery is deleted. */
  readonly begun: Map<bigint, Begun>;
  /** Announcements of marketing to everybody that are not written yet. */
  readonly jobs: NewNotice[][];
  /** What each user has chosen, all of it since the start. Absent: nothing. */
  readonly choices: Map<bigint, Since<Choices>[]>;
  /** Why deliveries waited, so that a run in which none did is not taken for a proof. */
  readonly waits: Set<string>;
}

export function openTables(): Tables {
  let last = 0n;
  return {
    nextId: () => ++last,
    handled: new Set(),
    intake: [],
    notices: new Map(),
    lastNumbers: new Map(),
    deleted: new Set(),
    batches: [],
    deliveries: new Map(),
    begun: new Map(),
    jobs: [],
    choices: new Map(),
    waits: new Set(),
  };
}

export function dropPending(tables: Tables, drop: Pick<NewNotice, 'userId' | 'kind' | 'subject'>): void {
  for (const [key, { userId, kind, subject, state }] of tables.deliveries)
    if (state === 'PENDING' && userId === drop.userId && kind === drop.kind && subject === drop.subject)
      tables.deliveries.delete(key);
}

export function forgetDeliveries(tables: Tables, userId: bigint): void {
  for (const [key, row] of tables.deliveries) if (row.userId === userId) tables.deliveries.delete(key);
}
