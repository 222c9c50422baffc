import type { CommandKey, Keyed, Merged, Replay } from '../../../../platform/kernel/command-key.ts';
import type {
  IssuablePolicy,
  IssueCommand,
  IssueDecision,
  IssueOutcome,
  IssueSnapshot,
} from '../../domain/issue/issue.ts';

/** A command with an optional idempotency key. */
export type KeyedIssueCommand = IssueCommand & Keyed<IssueOutcome>;

/** Issues coupons in transactions, under the locks of the policies. */
export interface IssueStore {
  /**
   * Locks the policies of the commands, loads their users' coupons, calls `decide` with the store's time, which all
   * nodes share, and stores the decision with its events. Resolves after the commit. `decide` is pure and may be called
   * again. It gets the commands without a stored result for their key; the others are replayed.
   */
  issueBatch(
    commands: readonly KeyedIssueCommand[],
    decide: (snapshot: IssueSnapshot, nowMs: number, newCommands: readonly IssueCommand[]) => IssueDecision,
    options?: IssueBatchOptions,
  ): Promise<IssuedBatch>;
  /** All holders of a policy, read at one moment; undefined when there are more than `max`. */
  holders(policyId: bigint, max: number): Promise<Holders | undefined>;
}

export interface IssueBatchOptions {
  /**
   * A user of the batch holds a coupon of the policy, as far as the cache knows: the store does not try an optimistic
   * batch.
   */
  readonly hasHolder?: boolean;
}

export interface IssuedBatch {
  readonly decision: Merged<IssueDecision>;
  /** The state that was decided on. It was current at the commit. */
  readonly snapshot: IssueSnapshot;
  readonly path: 'locked' | 'optimistic';
}

/** The stored results of idempotency keys. */
export interface StoredResults {
  /** One for each key, in their order, of committed commands. */
  find(commandKeys: readonly CommandKey[]): Promise<readonly (Replay | undefined)[]>;
}

export interface Holders {
  readonly policy: IssuablePolicy;
  /** The first counting coupon of each user. Only for policies with one coupon per user. */
  readonly first: ReadonlyMap<bigint, { readonly couponId: bigint; readonly sequenceNo: number }>;
}
