import type { ChangeBatch, ChangedBatch } from '../../../../platform/batching/change-batch.ts';
import type { CommandKey, Keyed, Replay } from '../../../../platform/kernel/command-key.ts';
import type {
  IssuablePolicy,
  IssueCommand,
  IssueDecision,
  IssueOutcome,
  IssueSnapshot,
  NamedCoupon,
} from '../../domain/issue/issue.ts';

/** A command with an optional idempotency key. */
export type KeyedIssueCommand = IssueCommand & Keyed<IssueOutcome>;

/** Issues coupons in transactions, under the locks of the policies. */
export interface IssueStore {
  /** Locks the policies of the commands, and loads their users' coupons. `path`: what to try first, optimistic by default. */
  readonly issueBatch: ChangeBatch<IssueCommand, IssueSnapshot, IssueDecision, [path?: IssuePath], IssuedBatch>;
  /** All holders of a policy, read at one moment; undefined when there are more than `max`. */
  holders(policyId: bigint, max: number): Promise<Holders | undefined>;
}

/**
 * How a batch is issued: under the locks of its policies, or by one statement, decided on the last committed state of
 * its policy (ADR 29). Every batch can be issued under the locks, so a store may do that instead.
 */
export type IssuePath = 'locked' | 'optimistic';

export interface IssuedBatch extends ChangedBatch<IssueSnapshot, IssueDecision> {
  /** The path that was taken. */
  readonly path: IssuePath;
}

/** The stored results of idempotency keys. */
export interface StoredResults {
  /** One for each key, in their order, of committed commands. */
  find(commandKeys: readonly CommandKey[]): Promise<readonly (Replay | undefined)[]>;
}

export interface Holders {
  readonly policy: IssuablePolicy;
  /** The first counting coupon of each user. Only for policies with one coupon per user. */
  readonly first: ReadonlyMap<bigint, NamedCoupon>;
}

/** Reads committed facts. */
export interface FactReader extends Pick<IssueStore, 'holders'> {
  policies(ids: readonly bigint[]): Promise<readonly IssuablePolicy[]>;
}

/** Which coupons a policy has issued, and which refusals have ended. A later state has a higher epoch, or the same one and a higher number. */
export type PolicyState = Pick<IssuablePolicy, 'refusalEpoch' | 'lastSequenceNo'>;

/** Of a sold-out policy: what its fact says about a user. A coupon is the one that the user has. */
export type GateAnswer = 'GO_ON' | 'SOLD_OUT' | NamedCoupon;

export interface GateReading {
  /** The time of the gate before the policy is read in PostgreSQL. */
  readonly at: number;
  /** Present when some node read within the last second that the policy is sold out. */
  readonly soldOut:
    | (PolicyState & {
        /** By performance.now(). */
        readonly trustedUntilMs: number;
        /** In the order of the users. */
        readonly answers: readonly GateAnswer[];
      })
    | undefined;
}

export interface SoldOutFact {
  readonly policy: IssuablePolicy;
  /** `at` of the reading before the statement that read the policy. */
  readonly at: number;
  readonly readAtMs: number;
  /** All of them, with their coupons; absent: the caller does not list them. */
  readonly holders?: ReadonlyMap<bigint, NamedCoupon>;
}

/** Committed facts that nodes share. It only refuses, and its calls never reject. */
export interface IssueGate {
  /** Policies with more holders are shared without them. */
  readonly holdersMax: number;
  /** Undefined: it gave no result in time. */
  read(policyId: bigint, userIds: readonly bigint[], nowMs: number): Promise<GateReading | undefined>;
  /** Returns whether it has all holders; undefined when it did not store the fact. */
  record(fact: SoldOutFact): Promise<'complete' | 'incomplete' | undefined>;
  /** The policy has changed. */
  forget(policyId: bigint): Promise<void>;
}
