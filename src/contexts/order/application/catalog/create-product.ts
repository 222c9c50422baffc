import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce } from '../../../../platform/kernel/command-key.ts';
import type { Principal } from '../../../../platform/kernel/contract.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isManager } from '../../../../platform/kernel/operator.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { findStore, managerOf, managesStore } from '../../../store/api.ts';
import { type CreateProductRequest, type ProductResponse, stored } from '../../api.ts';
import type { Product } from '../../domain/catalog/product.ts';
import { checkProduct } from '../../domain/catalog/product-terms.ts';
import { refuse } from '../../refusals.ts';
import type { CatalogChanges } from './change-product.ts';
import { toProductResponse } from './views.ts';

/** Creates a product of a store, or of the platform. Refused: FORBIDDEN, STORE_NOT_FOUND, VALIDATION_FAILED. */
export const createProduct =
  ({ store, stores }: CatalogChanges, clock: Clock, nextId: IdSource) =>
  async (request: CreateProductRequest): Promise<ProductResponse> => {
    const { principal, name, description, price, stock, storeId, commandKey } = request;
    if (!principal || !isManager(principal.role)) return toRefusalResponse(refuse('FORBIDDEN'));
    const invalid = checkProduct({ name, description, price }, stock);
    if (invalid) return toRefusalResponse(invalid);
    const nowMs = clock();
    const product: Product = {
      id: nextId(),
      name,
      description,
      price,
      supplied: stock,
      stock,
      reserved: 0,
      sold: 0,
      storeId: storeId ?? null,
      hidden: false,
      storeClosed: false,
      createdBy: principal.userId,
      version: 1,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    const respond = (inserted: Product | Refusal) =>
      isRefusal(inserted)
        ? toRefusalResponse(inserted)
        : toProductResponse({ product: inserted, activeTimeSale: null }, nowMs);
    const responding = { type: stored.ProductResponse, refused: toRefusalResponse, respond };
    const refusal = await storeRefusal({ stores }, principal, storeId);
    return await executeOnce(commandKey, responding, (idempotency) =>
      store.insertProduct(refusal ?? product, idempotency),
    );
  };

/** An OWNER sells by a store of theirs only; operators name any store that exists, or none. */
async function storeRefusal(
  { stores }: Pick<CatalogChanges, 'stores'>,
  principal: Principal,
  storeId: bigint | undefined,
): Promise<Refusal | undefined> {
  if (!managesStore(await managerOf(stores, principal), storeId)) return refuse('FORBIDDEN');
  if (storeId === undefined) return undefined;
  const standing = await findStore(stores, storeId);
  return isRefusal(standing) ? standing : undefined;
}
