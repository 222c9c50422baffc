import type { Principal } from '../../../gen/stampede/common/v1/common.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { isRefusal, type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { Policy } from '../api.ts';
import { mayHandle, policyAt } from '../domain/policy.ts';
import type { KnownRefusals } from './known-refusals.ts';
import type { ChangeNote, PolicyStore } from './ports.ts';

export interface ChangeDeps {
  readonly store: PolicyStore;
  readonly known: KnownRefusals;
  readonly clock: Clock;
}

/** What every change by hand shares: whose policy it is, the lock, the record, and that this node forgets what it knew. */
export async function changePolicy(
  { store, known, clock }: ChangeDeps,
  principal: Principal | undefined,
  policyId: bigint,
  note: ChangeNote,
  decide: (policy: Policy, nowMs: number) => Policy | Refusal,
): Promise<{ readonly before: Policy; readonly after: Policy } | Refusal> {
  const changed = await store.change(policyId, note, (stored, nowMs) => {
    if (!principal || !mayHandle(principal, stored)) return refuse('FORBIDDEN');
    // As it is by the clock: what a job has not written down yet holds already, and is written down with this change.
    const policy = policyAt(stored, nowMs);
    const decided = decide(policy, nowMs);
    return decided === policy ? stored : decided;
  });
  if (changed === 'not found') return refuse('POLICY_NOT_FOUND');
  if (changed === 'code taken') return refuse('DUPLICATE_COUPON_CODE');
  if (isRefusal(changed)) return changed;
  known.forget(policyId);
  return { before: changed.before, after: policyAt(changed.after, clock()) };
}
