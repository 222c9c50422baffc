import { executeOnce, type Responding } from '../../../../platform/kernel/command-key.ts';
import type { CommandKey, Principal } from '../../../../platform/kernel/contract.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type Manager, managerOf, type StoreChecks } from '../../../store/api.ts';
import { isHidden, mayEdit, type Product } from '../../domain/catalog/product.ts';
import type { TimeSale } from '../../domain/time-sale/time-sale.ts';
import { refuse } from '../../refusals.ts';
import type { CatalogChange, CatalogStore, TimeSaleChange } from './ports.ts';

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
  decide: (product: Product, nowMs: number) => Change | Refusal,
  responding: Pick<Responding<Change, Response | RefusalResponse>, 'type' | 'respond'>,
): Promise<Response | RefusalResponse> {
  // Ownership never moves, so what is loaded before the lock is right under it.
  const manager = await managerOf(stores, principal);
  const allowed = (product: Product, nowMs: number): Change | Refusal =>
    refusalOf(manager, product, 'PRODUCT_NOT_FOUND') ?? decide(product, nowMs);
  return await executeOnce(commandKey, respondingTo(responding, 'PRODUCT_NOT_FOUND'), (idempotency) =>
    store.change(productId, allowed, idempotency),
  );
}

/** The same for a time sale, under the locks of its product and its own. Refused: FORBIDDEN, TIME_SALE_NOT_FOUND. */
export async function changeUnderSaleLock<Response extends AnyResponse>(
  { store, stores }: CatalogChanges,
  { principal, timeSaleId, commandKey }: Omit<ChangeRequest, 'productId'> & { readonly timeSaleId: bigint },
  decide: (product: Product, timeSale: TimeSale, nowMs: number) => TimeSaleChange | Refusal,
  responding: Pick<Responding<TimeSaleChange, Response | RefusalResponse>, 'type' | 'respond'>,
): Promise<Response | RefusalResponse> {
  const manager = await managerOf(stores, principal);
  const allowed = (product: Product, timeSale: TimeSale, nowMs: number): TimeSaleChange | Refusal =>
    refusalOf(manager, product, 'TIME_SALE_NOT_FOUND') ?? decide(product, timeSale, nowMs);
  return await executeOnce(commandKey, respondingTo(responding, 'TIME_SALE_NOT_FOUND'), (idempotency) =>
    store.changeTimeSale(timeSaleId, allowed, idempotency),
  );
}

type Missing = 'PRODUCT_NOT_FOUND' | 'TIME_SALE_NOT_FOUND';

const refusalOf = (manager: Manager | undefined, product: Product, missing: Missing): Refusal | undefined =>
  mayEdit(manager, product) ? undefined : refuse(isHidden(product) ? missing : 'FORBIDDEN');

const respondingTo = <Change extends object, Response extends AnyResponse>(
  { type, respond }: Pick<Responding<Change, Response | RefusalResponse>, 'type' | 'respond'>,
  missing: Missing,
): Responding<Change | Refusal | undefined, Response | RefusalResponse> => ({
  type,
  refused: toRefusalResponse,
  respond(changed) {
    if (changed === undefined) return toRefusalResponse(refuse(missing));
    return isRefusal(changed) ? toRefusalResponse(changed) : respond(changed);
  },
});
