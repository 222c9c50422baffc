import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type {
  CheckStoreRequest,
  CheckStoreResponse,
  GetStoreRequest,
  ListCounterStoresRequest,
  ListCounterStoresResponse,
  ListOwnStoresRequest,
  ListOwnStoresResponse,
  ListStoresRequest,
  ListStoresResponse,
  StoreResponse,
} from '../api.ts';
import { maySee } from '../domain/store.ts';
import { refuse } from '../refusals.ts';
import type { StoreStore } from './ports.ts';
import { toStoreResponse, toStoreView } from './responses.ts';

export const getStore =
  (store: Pick<StoreStore, 'find'>) =>
  async ({ storeId, principal }: GetStoreRequest): Promise<StoreResponse> => {
    const found = await store.find(storeId);
    return found && maySee(principal, found) ? toStoreResponse(found) : toRefusalResponse(refuse('STORE_NOT_FOUND'));
  };

/** An invalid cursor gives an empty page. */
export const listStores =
  (store: Pick<StoreStore, 'list'>) =>
  async ({ page, category, ownerId, mayLag }: ListStoresRequest): Promise<ListStoresResponse> => {
    const pageRequest = readPage(page);
    if (!pageRequest) return { stores: [], nextCursor: undefined };
    const { limit, before } = pageRequest;
    const found = await store.list({ ownerId, category, mayLag, before, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
    return { stores: rows.map(toStoreView), nextCursor };
  };

export const checkStore =
  (store: Pick<StoreStore, 'find'>) =>
  async ({ storeId }: CheckStoreRequest): Promise<CheckStoreResponse> => {
    const found = await store.find(storeId);
    if (!found) return toRefusalResponse(refuse('STORE_NOT_FOUND'));
    const { ownerId, status, version, staff } = found;
    return {
      outcome: {
        $case: 'standing',
        value: { storeId, ownerId, isOpen: status === 'OPEN', version, staff: [...staff] },
      },
    };
  };

export const listOwnStores =
  (store: Pick<StoreStore, 'idsOfOwner'>) =>
  async ({ userId }: ListOwnStoresRequest): Promise<ListOwnStoresResponse> => ({
    storeIds: [...(await store.idsOfOwner(userId))],
  });

export const listCounterStores =
  (store: Pick<StoreStore, 'idsOfOwner' | 'idsOfStaff'>) =>
  async ({ principal }: ListCounterStoresRequest): Promise<ListCounterStoresResponse> => {
    if (principal === undefined) return { storeIds: [] };
    const { userId, role } = principal;
    const [staffed, owned] = await Promise.all([
      store.idsOfStaff(userId),
      role === 'OWNER' ? store.idsOfOwner(userId) : [],
    ]);
    return { storeIds: [...new Set([...staffed, ...owned])] };
  };
