import type { Clock } from '../../../../platform/kernel/clock.ts';
import { isRefusal } from '../../../../platform/kernel/refusal.ts';
import type { ChangeNote } from '../../application/policy/ports.ts';
import type { CouponStore } from '../../application/ports.ts';
import { toUserCouponView } from '../../application/queries/coupon-view.ts';
import type { UserCouponQuery } from '../../application/queries/ports.ts';
import type { CouponFilter, CouponStatus } from '../../domain/enumerations.ts';
import { claimKey, type IssuablePolicy, type IssueCommand } from '../../domain/issue/issue.ts';
import { type Coupon, statusAt } from '../../domain/lifecycle/coupon.ts';
import { callerIdOf, originOf } from '../../domain/lifecycle/reservation-id.ts';
import { type Policy, policyStatusAt } from '../../domain/policy/policy.ts';
import { memoryLifecycleStore } from './lifecycle-store.ts';
import { couponWithTerms, emptyState, type MemoryState, type StoredPolicy } from './state.ts';

export interface MemoryCouponStore extends CouponStore {
  readonly state: MemoryState;
  readonly notes: readonly (ChangeNote & { policyId: bigint })[];
  /** Withdraws the coupon: it no longer counts against its user's limit. */
  withdraw(couponId: bigint): void;
}

/** A store for models and simulations, with the guarantees of the PostgreSQL store, on a single thread. */
export function memoryCouponStore(clock: Clock): MemoryCouponStore {
  const state = emptyState();
  const { policies, coupons } = state;
  const notes: (ChangeNote & { policyId: bigint })[] = [];
  const codeTaken = (policy: Policy) =>
    policy.terms.code !== undefined &&
    [...policies.values()].some(
      ({ policy: other }) =>
        other.id !== policy.id && other.status !== 'ENDED' && other.terms.code === policy.terms.code,
    );
  const holding = () =>
    [...coupons.values()].filter(({ state }) => state.status !== 'CANCELLED').map(({ issued }) => issued);
  const holdings = (policyId: bigint, userId: bigint) =>
    holding().filter((coupon) => coupon.policyId === policyId && coupon.userId === userId);
  const claim = (command: IssueCommand) =>
    [...coupons.values()].find(
      ({ issued, state: now }) =>
        claimKey(issued) === claimKey(command) &&
        !(command.code !== undefined && now.status === 'CANCELLED' && now.returned),
    )?.issued;
  const couponsWithTerms = () =>
    [...coupons.values()].map((stored) => couponWithTerms(stored, policies.get(stored.issued.policyId)));

  return {
    ...memoryLifecycleStore(state, clock),
    state,
    notes,
    withdraw(couponId) {
      const stored = coupons.get(couponId);
      if (stored) coupons.set(couponId, { ...stored, state: { status: 'CANCELLED', returned: false } });
      for (const [id, policy] of policies) policies.set(id, { ...policy, refusalEpoch: policy.refusalEpoch + 1 });
    },
    async issueBatch(commands, decide) {
      const policyIds = new Set(commands.map((command) => command.policyId));
      const locked = [...policies.values()].filter(({ policy }) => policyIds.has(policy.id));
      const issuable = new Map(locked.map((stored) => [stored.policy.id, toIssuable(stored)]));
      const snapshot = { policies: issuable, holdings, claim };
      const decision = decide(snapshot, clock(), commands);
      for (const issued of decision.issued) {
        coupons.set(issued.couponId, { issued, version: 1, state: { status: 'ISSUED' } });
      }
      for (const changed of decision.changed) {
        const stored = policies.get(changed.id);
        if (!stored) throw new Error(`decided on policy ${changed.id}, which is not stored`);
        const { status, issuedCount: currentIssueCount } = changed;
        policies.set(changed.id, {
          ...stored,
          policy: { ...stored.policy, status, currentIssueCount },
          lastSequenceNo: changed.lastSequenceNo,
        });
      }
      return { decision, snapshot, outcomes: decision.outcomes, path: 'locked' };
    },
    async holders(policyId, max) {
      const stored = policies.get(policyId);
      const of = holding().filter((coupon) => coupon.policyId === policyId);
      if (!stored || of.length > max) return undefined;
      return { policy: toIssuable(stored), first: new Map(of.map((coupon) => [coupon.userId, coupon])) };
    },
    async insert(policy) {
      if (codeTaken(policy)) return 'code taken';
      policies.set(policy.id, { policy, terms: [policy.terms], lastSequenceNo: 0, refusalEpoch: 0 });
      return policy;
    },
    find: async (id) => policies.get(id)?.policy,
    async list({ status, now, distributionType, storeId, before, limit }) {
      return [...policies.values()]
        .map(({ policy }) => policy)
        .filter((policy) => status === undefined || policyStatusAt(policy, now.getTime()) === status)
        .filter(({ terms }) => distributionType === undefined || terms.distributionType === distributionType)
        .filter(({ terms }) => storeId === undefined || terms.storeId === storeId)
        .filter(({ id }) => before === undefined || id < before)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit);
    },
    async change(id, note, decide) {
      const stored = policies.get(id);
      if (!stored) return 'not found';
      const before = stored.policy;
      const decided = decide(before, clock());
      if (isRefusal(decided)) return decided;
      if (decided === before) return { before, after: before };
      if (codeTaken(decided)) return 'code taken';
      const after = { ...decided, updatedAt: new Date(clock()) };
      const terms = after.termsVersion > before.termsVersion ? [...stored.terms, after.terms] : stored.terms;
      policies.set(id, { ...stored, policy: after, terms, refusalEpoch: stored.refusalEpoch + 1 });
      notes.push({ ...note, policyId: id });
      return { before, after };
    },
    async record(id, note) {
      return BigInt(notes.push({ ...note, policyId: id }));
    },
    conclude: async (_, outcome) => outcome,
    async policiesTriggeredBy(topics) {
      const open = [...policies.values()].map(({ policy }) => policy).filter(({ status }) => status !== 'ENDED');
      const of = (topic: string) => open.filter(({ terms }) => terms.triggerEventType === topic).map(({ id }) => id);
      return new Map(topics.map((topic) => [topic, of(topic)]));
    },
    ownerOf: async (couponId) => coupons.get(couponId)?.issued.userId,
    existingReservations: async (ids) => ids.filter((id) => state.reservations.has(id)),
    serviceReservations: async (callerId) =>
      [...state.reservations.keys()]
        .filter((id) => originOf(id) === 'SERVICE' && callerIdOf(id) === callerId)
        .slice(0, 2),
    isIssued: async (policyId, userId) => holdings(policyId, userId).length > 0,
    listOfUser: async (query) =>
      couponsWithTerms()
        .filter(({ userId, id }) => userId === query.userId && (query.before === undefined || id < query.before))
        .filter((coupon) => matches(coupon, query))
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, query.limit)
        .map((coupon) => toUserCouponView(coupon, query.now.getTime())),
    expiring: async ({ userId, now, until, limit }) =>
      couponsWithTerms()
        .filter((coupon) => coupon.userId === userId && statusAt(coupon, now.getTime()) === 'ISSUED')
        .filter(({ expiresAtMs }) => expiresAtMs <= until.getTime())
        .sort((a, b) => a.expiresAtMs - b.expiresAtMs || (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map((coupon) => toUserCouponView(coupon, now.getTime())),
    async statisticsOf(userId, now) {
      const of = couponsWithTerms().filter((coupon) => coupon.userId === userId && coupon.state.status !== 'CANCELLED');
      const count = (status: CouponStatus) => of.filter((coupon) => statusAt(coupon, now.getTime()) === status).length;
      return {
        total: of.length,
        available: count('ISSUED'),
        used: count('USED'),
        expired: count('EXPIRED'),
        saved: of.reduce((sum, { state }) => sum + (state.status === 'USED' ? state.discountAmount : 0n), 0n),
      };
    },
  };
}

function matches(coupon: Coupon, { filters, now }: UserCouponQuery): boolean {
  const status = statusAt(coupon, now.getTime());
  const is: Readonly<Record<CouponFilter, boolean>> = {
    AVAILABLE: status === 'ISSUED',
    UNUSED: coupon.state.status === 'ISSUED' || coupon.state.status === 'RESERVED',
    USED: status === 'USED',
    EXPIRED: status === 'EXPIRED',
  };
  return filters.length === 0 || filters.some((filter) => is[filter]);
}

function toIssuable({ policy, lastSequenceNo, refusalEpoch }: StoredPolicy): IssuablePolicy {
  const { terms } = policy;
  return {
    id: policy.id,
    name: terms.name,
    storeId: terms.storeId ?? null,
    code: terms.code ?? null,
    status: policy.status,
    distributionType: terms.distributionType,
    discountType: terms.discountType,
    discountValue: terms.discountValue,
    maxIssueCount: terms.maxIssueCount ?? null,
    maxIssuePerUser: terms.maxIssuePerUser,
    validDays: terms.validDays ?? null,
    expireAtMs: terms.expireAt?.getTime() ?? null,
    validFromMs: terms.validFrom.getTime(),
    validUntilMs: terms.validUntil.getTime(),
    timezone: terms.timezone,
    issuedCount: policy.currentIssueCount,
    lastSequenceNo,
    refusalEpoch,
    termsVersion: policy.termsVersion,
    isSuspended: policy.suspensionReason !== undefined,
  };
}
