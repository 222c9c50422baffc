import { type CouponRefusal, refuse } from '../../refusals.ts';
import { normalizeCode } from '../codes/code.ts';
import type { DiscountType, DistributionType, PolicyStatus } from '../enumerations.ts';
import { couponExpiry } from './coupon-expiry.ts';

/** The fields of a policy that issuing needs, read under its row lock. Times in ms since the epoch. */
export interface IssuablePolicy {
  readonly id: bigint;
  readonly name: string;
  readonly storeId: bigint | null;
  /** The shared code of a CODE policy, as it was given. */
  readonly code: string | null;
  readonly status: PolicyStatus;
  readonly distributionType: DistributionType;
  readonly discountType: DiscountType;
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
  /** The highest sequence number so far, cancelled coupons included. */
  readonly lastSequenceNo: number;
  /** Increases when an earlier refusal may no longer be valid. */
  readonly refusalEpoch: number;
  /** The version of its terms, which its new coupons keep. */
  readonly termsVersion: number;
  readonly isSuspended: boolean;
}

/** A coupon that counts against its user's limit. */
export interface Holding {
  readonly couponId: bigint;
  readonly sequenceNo: number;
  /** 0 .. maxIssuePerUser - 1. The unique index (user, policy, slot) enforces the limit. */
  readonly slot: number;
}

/** A coupon as a refusal names it. */
export type NamedCoupon = Pick<Holding, 'couponId' | 'sequenceNo'>;

/** Who requested the coupon: a customer, a user with a code, an admin for a list of users, or an event. */
export type IssueMethod = 'CUSTOMER' | 'CODE' | 'DIRECT' | 'EVENT';

export interface IssueCommand {
  readonly policyId: bigint;
  readonly userId: bigint;
  readonly issueMethod: IssueMethod;
  /** A unique code in its normalized form: it issues one coupon. Absent for a shared code. */
  readonly code?: string | undefined;
  /** A shared code in its normalized form: the policy has to have it still. */
  readonly sharedCode?: string | undefined;
  /** The event that issues the coupon, once for each user. */
  readonly eventId?: string | undefined;
}

/** The coupon that was issued for a unique code or an event, whatever its state is now. */
export interface Claim {
  readonly couponId: bigint;
  readonly sequenceNo: number;
  readonly userId: bigint;
}

export interface IssueSnapshot {
  readonly policies: ReadonlyMap<bigint, IssuablePolicy>;
  holdings(policyId: bigint, userId: bigint): readonly Holding[];
  /** The earlier coupon of the command's code or event. Called only for commands that have one. */
  claim(command: IssueCommand): Claim | undefined;
}

export interface NewCoupon extends Holding {
  readonly policyId: bigint;
  readonly userId: bigint;
  readonly code: string | undefined;
  readonly eventId: string | undefined;
  readonly termsVersion: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export type IssueOutcome =
  | { readonly kind: 'issued'; readonly coupon: NewCoupon }
  /** `named`: the coupon that the refusal names. `isRepeat`: the user got that coupon with the same code or event. */
  | {
      readonly kind: 'refused';
      readonly refusal: CouponRefusal;
      readonly named?: NamedCoupon;
      readonly isRepeat?: true;
    };

export interface IssueDecision {
  /** One for each command, in their order. */
  readonly outcomes: readonly IssueOutcome[];
  readonly issued: readonly NewCoupon[];
  /** The policies that issued or changed their status, as they are after the decision. */
  readonly changed: readonly IssuablePolicy[];
}

const refused = (refusal: CouponRefusal): IssueOutcome => ({ kind: 'refused', refusal });

/**
 * Decides commands one after the other. Each sees the effects of the earlier ones, so that splitting a list into
 * batches changes no outcome.
 */
export function decideIssues(
  snapshot: IssueSnapshot,
  commands: readonly IssueCommand[],
  nowMs: number,
  nextId: () => bigint,
): IssueDecision {
  const working = new Map<bigint, WorkingPolicy>();
  const claims = new Map<string, NewCoupon>();
  const issued: NewCoupon[] = [];
  const outcomes = commands.map((command): IssueOutcome => {
    const policy = workingPolicyFor(working, snapshot, command.policyId);
    if (!policy) return refused(refuse('POLICY_NOT_FOUND'));
    const held = policy.issuedTo.get(command.userId) ?? snapshot.holdings(command.policyId, command.userId);
    const key = claimKey(command);
    const claim = key === undefined ? undefined : (claims.get(key) ?? snapshot.claim(command));
    const refusal = refusalFor(policy, command, held, claim, nowMs);
    if (refusal) return refusal;
    const coupon = issue(policy, command, held, nowMs, nextId());
    issued.push(coupon);
    if (key !== undefined) claims.set(key, coupon);
    return { kind: 'issued', coupon };
  });
  const changed = [...working.values()]
    .filter((policy) => policy.issuedTo.size > 0)
    .map(({ issuedTo, expiryMs, ...policy }) => policy);
  return { outcomes, issued, changed };
}

type Claimant = Pick<IssueCommand, 'policyId' | 'userId' | 'code' | 'eventId'>;

/** Equal for two commands of which only one can get a coupon. Undefined when only the limits apply. */
export function claimKey({ policyId, userId, code, eventId }: Claimant): string | undefined {
  if (code !== undefined) return code;
  return eventId === undefined ? undefined : `${policyId} ${userId} ${eventId}`;
}

const METHOD_OF: Readonly<Record<DistributionType, IssueMethod>> = {
  CODE: 'CODE',
  DOWNLOAD: 'CUSTOMER',
  FIRST_COME: 'CUSTOMER',
  EVENT: 'EVENT',
  DIRECT: 'DIRECT',
};

/**
 * Refuses a command whose method does not fit the policy's type. The type of a policy cannot change once it has issued.
 */
export function methodMismatch(
  policy: { readonly distributionType: DistributionType },
  issueMethod: IssueMethod,
): IssueOutcome | undefined {
  const { distributionType } = policy;
  return METHOD_OF[distributionType] === issueMethod
    ? undefined
    : refused(refuse('COUPON_NOT_AVAILABLE', { distributionType }));
}

/** The refusal for every user without a coupon at this moment; undefined while the policy is open. */
export function closedRefusal(policy: IssuablePolicy, nowMs: number): IssueOutcome | undefined {
  if (policy.isSuspended) return refused(refuse('POLICY_SUSPENDED'));
  if (policy.status === 'ENDED' || nowMs >= policy.validUntilMs) return refused(refuse('POLICY_ENDED'));
  if (policy.status === 'PAUSED') return refused(refuse('POLICY_INACTIVE'));
  // A PENDING policy opens at validFrom, even if its scheduled task has not run yet.
  if (nowMs < policy.validFromMs) {
    return refused(refuse('POLICY_NOT_STARTED', { validFrom: new Date(policy.validFromMs).toISOString() }));
  }
  if (policy.maxIssueCount !== null && policy.issuedCount >= policy.maxIssueCount)
    return refused(refuse('COUPON_SOLD_OUT'));
  return undefined;
}

const alreadyIssued = (claim: Claim): IssueOutcome => ({
  kind: 'refused',
  refusal: refuse('COUPON_ALREADY_ISSUED', couponDetails(claim)),
  named: claim,
  isRepeat: true,
});

/** The refusal for a user who has reached the limit. It names the first coupon, whatever the state of the policy. */
export function refusalOfLimit(policy: { readonly maxIssuePerUser: number }, first: NamedCoupon): CouponRefusal {
  const { maxIssuePerUser } = policy;
  const details = couponDetails(first);
  return maxIssuePerUser === 1
    ? refuse('COUPON_ALREADY_ISSUED', details)
    : refuse('COUPON_ISSUE_LIMIT_EXCEEDED', { ...details, limit: String(maxIssuePerUser) });
}

export const limitReached = (policy: { readonly maxIssuePerUser: number }, first: NamedCoupon): IssueOutcome => ({
  kind: 'refused',
  refusal: refusalOfLimit(policy, first),
  named: first,
});

const couponDetails = ({ couponId, sequenceNo }: NamedCoupon) => ({
  couponId: String(couponId),
  sequenceNo: String(sequenceNo),
});

type WorkingPolicy = { -readonly [Key in keyof IssuablePolicy]: IssuablePolicy[Key] } & {
  /** The coupons of users who were issued one in this batch, earlier ones included. */
  readonly issuedTo: Map<bigint, readonly Holding[]>;
  expiryMs: number | undefined;
};

function workingPolicyFor(
  working: Map<bigint, WorkingPolicy>,
  snapshot: IssueSnapshot,
  id: bigint,
): WorkingPolicy | undefined {
  const existing = working.get(id);
  if (existing) return existing;
  const policy = snapshot.policies.get(id);
  if (!policy) return undefined;
  const copy: WorkingPolicy = { ...policy, issuedTo: new Map(), expiryMs: undefined };
  working.set(id, copy);
  return copy;
}

/**
 * Checks in this order: method, user, policy, code. A user who holds a coupon gets its id even after the policy closed.
 */
function refusalFor(
  policy: WorkingPolicy,
  command: IssueCommand,
  held: readonly Holding[],
  claim: Claim | undefined,
  nowMs: number,
): IssueOutcome | undefined {
  const mismatch = methodMismatch(policy, command.issueMethod);
  if (mismatch) return mismatch;
  if (claim?.userId === command.userId) return alreadyIssued(claim);
  const [first] = held;
  if (first && held.length >= policy.maxIssuePerUser) return limitReached(policy, first);
  return (
    closedRefusal(policy, nowMs) ?? formerCode(policy, command) ?? (claim && refused(refuse('COUPON_ALREADY_USED')))
  );
}

/** The code was looked up before the lock: it may have been replaced since, as one that became public is. */
function formerCode({ code }: WorkingPolicy, { sharedCode }: IssueCommand): IssueOutcome | undefined {
  if (sharedCode === undefined || (code !== null && normalizeCode(code) === sharedCode)) return undefined;
  return refused(refuse('COUPON_CODE_NOT_FOUND'));
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
    code: command.code,
    eventId: command.eventId,
    termsVersion: policy.termsVersion,
    issuedAtMs: nowMs,
    expiresAtMs: policy.expiryMs,
  };
  policy.issuedTo.set(command.userId, held.length === 0 ? [coupon] : [...held, coupon]);
  return coupon;
}

function freeSlot(held: readonly Holding[]): number {
  let slot = 0;
  while (held.some((holding) => holding.slot === slot)) slot += 1;
  return slot;
}
