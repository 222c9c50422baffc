import type { Idempotency, Replay } from '../../../../platform/kernel/command-key.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { DistributionType, PolicyStatus } from '../../domain/enumerations.ts';
import type { Policy } from '../../domain/policy/policy.ts';

/** The record of a manual change of a policy. */
export interface ChangeNote {
  readonly kind: 'TERMS' | 'STATUS' | 'QUANTITY' | 'DIRECT_ISSUE';
  readonly by: string;
  readonly reason: string;
}

/** `store closed`: its store was closed after the check that the policy names by its storeVersion. */
export type Inserted = Policy | 'code taken' | 'store closed';

export type Changed =
  | { readonly before: Policy; readonly after: Policy }
  | Refusal
  | 'not found'
  | 'code taken'
  | 'store closed';

/**
 * With `idempotency` a change has one effect for its key: its result is stored in its transaction, and later returned as a
 * Replay.
 */
export interface PolicyStore {
  /** Stores a new policy, with the event of its first status. */
  insert(policy: Policy, idempotency?: Idempotency<Inserted>): Promise<Inserted | Replay>;
  find(id: bigint): Promise<Policy | undefined>;
  list(filter: PolicyFilter): Promise<readonly Policy[]>;
  /**
   * Locks the policy, calls `decide` with the store's time and stores the outcome with the note and the policy's
   * events. A refusal changes nothing; neither does returning the same policy object.
   */
  change(
    id: bigint,
    note: ChangeNote,
    decide: (policy: Policy, nowMs: number) => Policy | Refusal,
    idempotency?: Idempotency<Changed>,
  ): Promise<Changed | Replay>;
  /** Records a manual action that does not change the policy. Returns the id of the record. */
  record(id: bigint, note: ChangeNote, idempotency?: Idempotency<bigint>): Promise<bigint | Replay>;
  /** Stores a result whose effect is committed already. Returns the replay if another one was stored meanwhile. */
  conclude<Outcome>(idempotency: Idempotency<Outcome>, outcome: Outcome): Promise<Outcome | Replay>;
  /** The ids of EVENT policies that have not ended, by triggering topic. */
  policiesTriggeredBy(topics: readonly string[]): Promise<ReadonlyMap<string, readonly bigint[]>>;
}

/** The data of the events that announce a policy's status. */
export interface PolicyOfEvents {
  readonly id: bigint;
  readonly name: string;
  readonly storeId: bigint | null;
  readonly validFromMs: number;
  readonly validUntilMs: number;
}

/** The window transitions of policies. */
export interface PolicyWindows {
  /** The time of the next transition that is not stored yet. It may lie in the past. */
  nextAt(): Promise<number | undefined>;
  /**
   * Stores the due transitions of at most `limit` policies, with their events. Returns the ids of these policies; none
   * = nothing is due.
   */
  applyDueTransitions(now: Date, limit: number): Promise<readonly bigint[]>;
}

/** Ends the policies of stores that were closed. */
export interface StoreClosings {
  /** Records that a store was closed at this version: from its commit on no policy is bound to it at an earlier version. */
  record(storeId: bigint, version: number): Promise<void>;
  /** Ends at most `limit` policies that were bound to the store at an earlier version. Returns their ids; none = all have ended. */
  endPolicies(storeId: bigint, version: number, limit: number): Promise<readonly bigint[]>;
}

export interface PolicyFilter {
  /** The status at `now`. */
  readonly status?: PolicyStatus | undefined;
  readonly now: Date;
  readonly distributionType?: DistributionType | undefined;
  readonly storeId?: bigint | undefined;
  /** The list may be up to 5 s old. */
  readonly mayLag?: boolean | undefined;
  /** Newest first: only policies with a smaller id. */
  readonly before?: bigint | undefined;
  readonly limit: number;
}
