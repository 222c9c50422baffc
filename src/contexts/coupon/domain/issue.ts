import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { CouponRefusalCode } from '../api.ts';
import { couponExpiry } from './expiry.ts';

/** What issuing needs to know of a policy, read under its row lock. Times in ms since the epoch. */
export interface IssuablePolicy {
  readonly id: bigint;
  readonly name: string;
  readonly storeId: bigint | null;
  readonly status: string;
  readonly distributionType: string;
  readonly discountType: string;
  readonly discountValue: bigint;
  readonly maxIssueCount: number | null;
  readonly maxIssuePerUser: number;
  readonly validDays: number | null;
  readonly expireAtMs: number | null;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  readonly timezone: string;
  /** Coupons that count against maxIssueCount. */
  readonly issuedCount: number;
  /** The last sequence number given, cancelled coupons included. */
  readonly lastSequenceNo: number;
  /** Rises whenever a refusal given before may no longer be true. */
  readonly refusalEpoch: number;
}

/** A coupon that counts against its user's limit. */
export interface Holding {
  readonly couponId: bigint;
  readonly sequenceNo: number;
  /** 0 .. maxIssuePerUser - 1: the unique index (user, policy, slot) is what holds the limit. */
  readonly slot: number;
}

export interface IssueCommand {
  readonly policyId: bigint;
  readonly userId: bigint;
}

export interface IssueSnapshot {
  readonly policies: ReadonlyMap<bigint, IssuablePolicy>;
  holdings(policyId: bigint, userId: bigint): readonly Holding[];
}

export interface NewCoupon extends Holding, IssueCommand {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export type IssueOutcome =
  | { readonly kind: 'issued'; readonly coupon: NewCoupon }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface IssueDecision {
  /** One a command, in their order. */
  readonly outcomes: readonly IssueOutcome[];
  readonly issued: readonly NewCoupon[];
  /** The policies that issued or changed their status, as they are now. */
  readonly changed: readonly IssuablePolicy[];
}

const refused = (code: CouponRefusalCode, details: Readonly<Record<string, string>> = {}): IssueOutcome => ({
  kind: 'refused',
  refusal: refuse(code, details),
});

/**
 * Decides commands one after the other, each seeing what the ones before it did. Deciding a list in any split into groups
 * gives the same as deciding it whole.
 */
export function decideIssues(
  snapshot: IssueSnapshot,
  commands: readonly IssueCommand[],
  nowMs: number,
  nextId: () => bigint,
): IssueDecision {
  const working = new Map<bigint, WorkingPolicy>();
  const issued: NewCoupon[] = [];
  const outcomes = commands.map((command): IssueOutcome => {
    const policy = workOn(working, snapshot, command.policyId);
    if (!policy) return refused('POLICY_NOT_FOUND');
    const held = policy.given.get(command.userId) ?? snapshot.holdings(command.policyId, command.userId);
    const refusal = refusalFor(policy, held, nowMs);
    if (refusal) return refusal;
    const coupon = issue(policy, command, held, nowMs, nextId());
    issued.push(coupon);
    return { kind: 'issued', coupon };
  });
  const changed = [...working.values()]
    .filter((policy) => policy.given.size > 0)
    .map(({ given, expiryMs, ...policy }) => policy);
  return { outcomes, issued, changed };
}

/** Why nobody new gets a coupon of this policy at this moment, if so. */
export function closedFor(policy: IssuablePolicy, nowMs: number): IssueOutcome | undefined {
  if (policy.distributionType !== 'FIRST_COME' && policy.distributionType !== 'DOWNLOAD') {
    return refused('COUPON_NOT_AVAILABLE', { distributionType: policy.distributionType });
  }
  if (policy.status === 'ENDED' || nowMs >= policy.validUntilMs) return refused('POLICY_ENDED');
  if (policy.status === 'PAUSED') return refused('POLICY_INACTIVE');
  // PENDING opens by itself when validFrom is reached, whether or not a job has noticed.
  if (nowMs < policy.validFromMs) {
    return refused('POLICY_NOT_STARTED', { validFrom: new Date(policy.validFromMs).toISOString() });
  }
  if (policy.maxIssueCount !== null && policy.issuedCount >= policy.maxIssueCount) return refused('COUPON_SOLD_OUT');
  return undefined;
}

/** The refusal of somebody who has what they may have: the coupon they hold, whatever else is true of the policy. */
export function limitReached(policy: { readonly maxIssuePerUser: number }, first: Holding): IssueOutcome {
  const coupon = { couponId: String(first.couponId), sequenceNo: String(first.sequenceNo) };
  return policy.maxIssuePerUser === 1
    ? refused('COUPON_ALREADY_ISSUED', coupon)
    : refused('COUPON_ISSUE_LIMIT_EXCEEDED', { ...coupon, limit: String(policy.maxIssuePerUser) });
}

type WorkingPolicy = { -readonly [Key in keyof IssuablePolicy]: IssuablePolicy[Key] } & {
  /** What users who got something in this group hold by now. */
  readonly given: Map<bigint, readonly Holding[]>;
  expiryMs: number | undefined;
};

function workOn(working: Map<bigint, WorkingPolicy>, snapshot: IssueSnapshot, id: bigint): WorkingPolicy | undefined {
  const known = working.get(id);
  if (known) return known;
  const policy = snapshot.policies.get(id);
  if (!policy) return undefined;
  const copy: WorkingPolicy = { ...policy, given: new Map(), expiryMs: undefined };
  working.set(id, copy);
  return copy;
}

function refusalFor(policy: WorkingPolicy, held: readonly Holding[], nowMs: number): IssueOutcome | undefined {
  const [first] = held;
  if (first && held.length >= policy.maxIssuePerUser) return limitReached(policy, first);
  return closedFor(policy, nowMs);
}

function issue(
  policy: WorkingPolicy,
  command: IssueCommand,
  held: readonly Holding[],
  nowMs: number,
  couponId: bigint,
): NewCoupon {
  policy.expiryMs ??= couponExpiry(policy, nowMs);
  policy.issuedCount += 1;
  policy.lastSequenceNo += 1;
  policy.status = policy.issuedCount === policy.maxIssueCount ? 'EXHAUSTED' : 'ACTIVE';
  const coupon = {
    couponId,
    policyId: command.policyId,
    userId: command.userId,
    sequenceNo: policy.lastSequenceNo,
    slot: freeSlot(held),
    issuedAtMs: nowMs,
    expiresAtMs: policy.expiryMs,
  };
  policy.given.set(command.userId, held.length === 0 ? [coupon] : [...held, coupon]);
  return coupon;
}

function freeSlot(held: readonly Holding[]): number {
  let slot = 0;
  while (held.some((holding) => holding.slot === slot)) slot += 1;
  return slot;
}
