import { executeOnce, type Responding } from '../../../../platform/kernel/command-key.ts';
import type { CommandKey, Principal } from '../../../../platform/kernel/contract.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { managerOf, type StoreChecks } from '../../../store/api.ts';
import { mayEdit, type Product } from '../../domain/catalog/product.ts';
import { refuse } from '../../refusals.ts';
import type { CatalogChange, CatalogStore } from './ports.ts';

interface ChangeRequest {
  readonly principal?: Principal | undefined;
  readonly productId: bigint;
  readonly commandKey?: CommandKey | undefined;
}

/** What a change of the catalog needs. */
export interface CatalogChanges {
  readonly store: CatalogStore;
  readonly stores: StoreChecks;
}

type RefusalResponse = ReturnType<typeof toRefusalResponse>;
type AnyResponse = { readonly outcome: { readonly $case: string } | undefined };

/**
 * Changes a product or its time sales under the product's lock, once for its key, when the principal may edit it. Refused: FORBIDDEN,
 * PRODUCT_NOT_FOUND, the latter also for a hidden product of another store.
 */
export async function changeUnderProductLock<Change extends CatalogChange, Response extends AnyResponse>(
  { store, stores }: CatalogChanges,
  { principal, productId, commandKey }: ChangeRequest,
  decide: (product: Product) => Change | Refusal,
  { type, respond }: Pick<Responding<Change, Response | RefusalResponse>, 'type' | 'respond'>,
): Promise<Response | RefusalResponse> {
  // Ownership never moves, so what is loaded before the lock is right under it.
  const manager = await managerOf(stores, principal);
  const allowed = (product: Product): Change | Refusal => {
    if (mayEdit(manager, product)) return decide(product);
    return refuse(product.hidden ? 'PRODUCT_NOT_FOUND' : 'FORBIDDEN');
  };
  const responding: Responding<Change | Refusal | undefined, Response | RefusalResponse> = {
    type,
    refused: toRefusalResponse,
    respond(changed) {
      if (changed === undefined) return toRefusalResponse(refuse('PRODUCT_NOT_FOUND'));
      return isRefusal(changed) ? toRefusalResponse(changed) : respond(changed);
    },
  };
  return await executeOnce(commandKey, responding, (idempotency) => store.change(productId, allowed, idempotency));
}
