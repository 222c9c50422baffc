import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce, type Responding } from '../../../../platform/kernel/command-key.ts';
import type { CommandKey, Principal } from '../../../../platform/kernel/contract.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type Manager, managerOf, type StoreChecks } from '../../../store/api.ts';
import { mayManage, type Policy, policyAt } from '../../domain/policy/policy.ts';
import { refuse } from '../../refusals.ts';
import type { RefusalCache } from '../issue/refusal-cache.ts';
import type { Changed, ChangeNote, PolicyStore } from './ports.ts';

export interface ChangeDeps {
  readonly store: PolicyStore;
  readonly stores: StoreChecks;
  readonly refusalCache: RefusalCache;
  readonly clock: Clock;
}

interface ChangeRequest {
  readonly principal: Principal | undefined;
  readonly policyId: bigint;
  readonly commandKey?: CommandKey | undefined;
}

interface Change<Response extends { readonly outcome: { readonly $case: string } | undefined }> {
  readonly kind: ChangeNote['kind'];
  readonly reason: string;
  /** Who made the change, when it is not the principal. */
  readonly by?: string;
  readonly decide: (policy: Policy, nowMs: number, manager: Manager | undefined) => Policy | Refusal;
  readonly type: Responding<Changed, Response>['type'];
  readonly respond: (before: Policy, after: Policy) => Response;
}

type Refused = ReturnType<typeof toRefusalResponse>;

/**
 * What all manual changes share: permission, lock, change record, idempotency key, and invalidation of this node's
 * cache.
 */
export async function changePolicy<Response extends { readonly outcome: { readonly $case: string } | undefined }>(
  { store, stores, refusalCache, clock }: ChangeDeps,
  { principal, policyId, commandKey }: ChangeRequest,
  { kind, reason, by, decide, type, respond }: Change<Response | Refused>,
): Promise<Response | Refused> {
  if (!principal) return toRefusalResponse(refuse('FORBIDDEN'));
  const note: ChangeNote = { kind, by: by ?? String(principal.userId), reason };
  const responding: Responding<Changed, Response | Refused> = {
    type,
    refused: toRefusalResponse,
    respond(changed) {
      if (changed === 'not found') return toRefusalResponse(refuse('POLICY_NOT_FOUND'));
      if (changed === 'code taken') return toRefusalResponse(refuse('DUPLICATE_COUPON_CODE'));
      if (changed === 'store closed') return toRefusalResponse(refuse('STORE_NOT_OPEN'));
      if (isRefusal(changed)) return toRefusalResponse(changed);
      return respond(changed.before, policyAt(changed.after, clock()));
    },
  };
  // Ownership never moves, so what is loaded before the lock is right under it.
  const manager = await managerOf(stores, principal);
  const allowed = (stored: Policy, nowMs: number): Policy | Refusal => {
    if (!mayManage(manager, stored.terms)) return refuse('FORBIDDEN');
    // With its status at `nowMs`: a transition that no scheduled task has stored yet is stored with this change.
    const policy = policyAt(stored, nowMs);
    const decided = decide(policy, nowMs, manager);
    return decided === policy ? stored : decided;
  };
  const response = await executeOnce(commandKey, responding, (idempotency) =>
    store.change(policyId, note, allowed, idempotency),
  );
  if (response.outcome?.$case !== 'refusal') refusalCache.invalidate(policyId);
  return response;
}
