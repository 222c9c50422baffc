import type { Principal } from '../../../gen/stampede/common/v1/common.ts';
import { isRefusal, type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { Policy } from '../api.ts';
import { mayHandle } from '../domain/policy.ts';
import type { KnownRefusals } from './known-refusals.ts';
import type { ChangeNote, PolicyStore } from './ports.ts';

export interface ChangeDeps {
  readonly store: PolicyStore;
  readonly known: KnownRefusals;
}

/** What every change by hand shares: whose policy it is, the lock, the record, and that this node forgets what it knew. */
export async function changePolicy(
  { store, known }: ChangeDeps,
  principal: Principal | undefined,
  policyId: bigint,
  note: ChangeNote,
  decide: (policy: Policy) => Policy | Refusal,
): Promise<{ readonly before: Policy; readonly after: Policy } | Refusal> {
  const changed = await store.change(policyId, note, (policy) =>
    principal && mayHandle(principal, policy) ? decide(policy) : refuse('FORBIDDEN'),
  );
  if (changed === 'not found') return refuse('POLICY_NOT_FOUND');
  if (changed === 'code taken') return refuse('DUPLICATE_COUPON_CODE');
  if (!isRefusal(changed)) known.forget(policyId);
  return changed;
}
