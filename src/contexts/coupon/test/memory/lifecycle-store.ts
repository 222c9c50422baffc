import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { LifecycleStore } from '../../application/lifecycle/ports.ts';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleDecision, LifecycleSnapshot, StockedPolicy } from '../../domain/lifecycle/lifecycle-decision.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { couponWithTerms, type MemoryState, type StoredPolicy } from './state.ts';

/**
 * Has the guarantees of the PostgreSQL store, on a single thread. The snapshot contains everything, because everything
 * counts as locked. It stores no results of keys.
 */
export function memoryLifecycleStore(state: MemoryState, clock: Clock): LifecycleStore {
  return {
    async changeBatch(commands, decide) {
      const snapshot = snapshotOf(state, commands);
      const decision = decide(snapshot, clock(), commands);
      keep(state, commands, decision);
      return { decision, snapshot, outcomes: decision.outcomes };
    },
  };
}

const eventsOf = (commands: readonly LifecycleCommand[]): string[] =>
  commands.flatMap((command) => ('eventId' in command ? [command.eventId] : []));

function snapshotOf(state: MemoryState, commands: readonly LifecycleCommand[]): LifecycleSnapshot {
  const coupons = [...state.coupons].map(
    ([id, stored]) => [id, couponWithTerms(stored, state.policies.get(stored.issued.policyId))] as const,
  );
  return {
    coupons: new Map(coupons),
    reservations: new Map(state.reservations),
    directUses: [...coupons].flatMap(
      ([
        couponId,
        {
          userId,
          state: { ...now },
        },
      ]) =>
        now.status === 'USED' && now.reservation === null && now.orderId !== null
          ? [{ couponId, userId, orderId: now.orderId }]
          : [],
    ),
    policies: new Map([...state.policies].map(([id, stored]) => [id, stocked(stored)])),
    unclaimedEvents: new Set(eventsOf(commands).filter((eventId) => !state.handledEvents.has(eventId))),
  };
}

function keep(state: MemoryState, commands: readonly LifecycleCommand[], decision: LifecycleDecision): void {
  for (const eventId of eventsOf(commands)) state.handledEvents.add(eventId);
  for (const { id, version, state: now } of decision.coupons) {
    const stored = state.coupons.get(id);
    if (!stored) throw new Error(`decided on coupon ${id}, which was not loaded`);
    state.coupons.set(id, { ...stored, version, state: now });
  }
  for (const reservation of decision.reservations) state.reservations.set(reservation.id, reservation);
  for (const { id, status, issuedCount, refusalEpoch } of decision.policies) {
    const stored = state.policies.get(id);
    if (!stored) throw new Error(`decided on policy ${id}, which was not loaded`);
    const policy: Policy = { ...stored.policy, status, currentIssueCount: issuedCount };
    state.policies.set(id, { ...stored, policy, refusalEpoch });
  }
  state.history.push(...decision.steps);
}

const stocked = ({ policy, refusalEpoch }: StoredPolicy): StockedPolicy => ({
  id: policy.id,
  name: policy.terms.name,
  storeId: policy.terms.storeId ?? null,
  validFromMs: policy.terms.validFrom.getTime(),
  validUntilMs: policy.terms.validUntil.getTime(),
  status: policy.status,
  issuedCount: policy.currentIssueCount,
  refusalEpoch,
});
