import { isRefusal, type Refusal } from '../../../../platform/kernel/refusal.ts';
import { findOpenStore, type Manager, type StoreChecks } from '../../../store/api.ts';
import { mayManage } from '../../domain/policy/policy.ts';
import { refuse } from '../../refusals.ts';

/** The store of a policy as it was checked; without one the policy is for the whole platform. */
export interface StoreBinding {
  readonly storeId: bigint | undefined;
  readonly storeVersion: number | undefined;
}

/**
 * Checks that the manager may have a policy with these terms, and that its store is OPEN. Refused: FORBIDDEN, STORE_NOT_FOUND,
 * STORE_NOT_OPEN.
 */
export async function bindStore(
  stores: StoreChecks,
  manager: Manager | undefined,
  terms: Parameters<typeof mayManage>[1],
): Promise<StoreBinding | Refusal> {
  if (!mayManage(manager, terms)) return refuse('FORBIDDEN');
  const { storeId } = terms;
  if (storeId === undefined) return { storeId, storeVersion: undefined };
  const standing = await findOpenStore(stores, storeId);
  return isRefusal(standing) ? standing : { storeId, storeVersion: standing.version };
}
