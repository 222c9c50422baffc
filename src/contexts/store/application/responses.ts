import type { Responding } from '../../../platform/kernel/command-key.ts';
import { isRefusal, toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { type StoreResponse, type Store as StoreView, stored } from '../api.ts';
import type { Store } from '../domain/store.ts';
import { refuse } from '../refusals.ts';
import type { Changed } from './ports.ts';

export const toStoreView = ({ details, deletedAt: _, ...store }: Store): StoreView => ({
  ...store,
  ...details,
  location: details.location ?? undefined,
});

export const toStoreResponse = (store: Store): StoreResponse => ({
  outcome: { $case: 'store', value: toStoreView(store) },
});

/** How a change of a store responds. */
export const CHANGING: Responding<Changed, StoreResponse> = {
  type: stored.StoreResponse,
  refused: toRefusalResponse,
  respond(changed) {
    if (changed === 'not found') return toRefusalResponse(refuse('STORE_NOT_FOUND'));
    return isRefusal(changed) ? toRefusalResponse(changed) : toStoreResponse(changed);
  },
};
