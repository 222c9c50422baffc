import type { OutboxBatch } from '../../../platform/events/outbox.ts';
import type { Idempotency, Replay } from '../../../platform/kernel/command-key.ts';
import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { Store } from '../domain/store.ts';

/**
 * With `idempotency` a change has one effect for its key: its result is stored in its transaction, and later returned as a Replay.
 */
export interface StoreStore {
  /** Stores a new store with its event, unless its owner has `most` stores already. */
  insert(store: Store, most: number, idempotency?: Idempotency<Inserted>): Promise<Inserted | Replay>;
  /** Returns undefined for a deleted store, too. */
  find(id: bigint): Promise<Store | undefined>;
  /** Newest first, without deleted stores and without their staff. */
  list(filter: StoreFilter): Promise<readonly Store[]>;
  /**
   * Locks the store, calls `decide` with the store's time and stores the outcome with its event. A refusal changes nothing; neither does
   * returning the same object.
   */
  change(
    id: bigint,
    decide: (store: Store, now: Date) => Store | Refusal,
    idempotency?: Idempotency<Changed>,
  ): Promise<Changed | Replay>;
  idsOfOwner(ownerId: bigint): Promise<readonly bigint[]>;
  /** Removes what the owner stated about the stores that they have deleted. */
  forgetDeleted(ownerId: bigint): Promise<void>;
  /** The stores where the user is staff. A deleted store has none. */
  idsOfStaff(userId: bigint): Promise<readonly bigint[]>;
  /** The files that stores with any of these files name. */
  namedFiles(names: readonly string[]): Promise<readonly string[]>;
}

export type Inserted = Store | 'too many';
export type Changed = Store | Refusal | 'not found';

export interface StoreFilter {
  /** Undefined: OPEN stores of all owners. */
  readonly ownerId?: bigint | undefined;
  readonly category?: string | undefined;
  /** The list may be up to 5 s old. */
  readonly mayLag?: boolean | undefined;
  /** Only stores with a smaller id. */
  readonly before?: bigint | undefined;
  readonly limit: number;
}

/** Builds the event of a change; `before` is undefined for a new store. */
export type EventsOf = (after: Store, before: Store | undefined) => readonly OutboxBatch[];

/** Users who have deleted their account. */
export interface DeletedUsers {
  /** When it resolves, every change that was decided without it is committed, and no later one stores a subscription of the user. */
  add(userId: bigint): Promise<void>;
}
