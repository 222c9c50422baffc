import type { Manager, StoreChecks, StoreService } from '../../src/contexts/store/api.ts';
import { createStore } from '../../src/contexts/store/module.ts';
import { testImages } from './images.ts';

/** Checks for tests without stores: no user owns one. */
export const NO_STORES: StoreChecks = {
  checkStore: async () => ({ outcome: { $case: 'refusal', value: { code: 'STORE_NOT_FOUND', details: {} } } }),
  listOwnStores: async () => ({ storeIds: [] }),
  listCounterStores: async () => ({ storeIds: [] }),
};

/** A user, with the stores that they own. */
export const manager = (role: string, userId = 1n, ...stores: readonly bigint[]): Manager => ({
  userId,
  role,
  stores: new Set(stores),
});

/** An OPEN store of this user. Returns its id. */
export async function openStore(stores: Pick<StoreService, 'createStore'>, ownerId: bigint): Promise<bigint> {
  const details = { name: 'Cafe Sol', category: 'CAFE', description: '', address: '', images: [], openingHours: [] };
  const principal = { userId: ownerId, role: 'OWNER' };
  const { outcome } = await stores.createStore({ principal, ...details, location: undefined, status: 'OPEN' });
  if (outcome?.$case !== 'store') throw new Error(`no store: ${JSON.stringify(outcome?.value)}`);
  return outcome.value.id;
}

/** The store context on a database. */
export const storesOn = (deps: Omit<Parameters<typeof createStore>[0], 'images'>): StoreService =>
  createStore({ ...deps, images: testImages() }).api;
