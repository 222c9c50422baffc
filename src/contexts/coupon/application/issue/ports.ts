import type { ChangeBatch, ChangedBatch } from '../../../../platform/batching/change-batch.ts';
import type { CommandKey, Keyed, Replay } from '../../../../platform/kernel/command-key.ts';
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
  /** Locks the policies of the commands, and loads their users' coupons. */
  readonly issueBatch: ChangeBatch<
    IssueCommand,
    IssueSnapshot,
    IssueDecision,
    [options?: IssueBatchOptions],
    IssuedBatch
  >;
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

export interface IssuedBatch extends ChangedBatch<IssueSnapshot, IssueDecision> {
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
