import type { Principal } from '../../platform/kernel/contract.ts';
import { isOperator } from '../../platform/kernel/operator.ts';
import { isRefusal, type Refusal, resultIn } from '../../platform/kernel/refusal.ts';
import { refuse } from './refusals.ts';

/** What a check of a store shows; `StoreStanding` of the contract. */
interface Standing {
  readonly storeId: bigint;
  readonly ownerId: bigint;
  readonly isOpen: boolean;
  readonly version: number;
  readonly staff: readonly bigint[];
}

/** The part of the contract by which other contexts check what belongs to a store before they change it. */
export interface StoreChecks {
  checkStore(request: { readonly storeId: bigint }): Promise<{
    readonly outcome?:
      | { readonly $case: 'standing'; readonly value: Standing }
      | { readonly $case: 'refusal'; readonly value: Refusal }
      | undefined;
  }>;
  listOwnStores(request: { readonly userId: bigint }): Promise<{ readonly storeIds: readonly bigint[] }>;
  listCounterStores(request: { readonly principal: Principal }): Promise<{ readonly storeIds: readonly bigint[] }>;
}

/** A principal with the stores that it owns. */
export interface Manager extends Principal {
  /** Of an OWNER: the ids of their stores that are not deleted. */
  readonly stores: ReadonlySet<bigint>;
}

const NO_STORES: ReadonlySet<bigint> = new Set();

/** Loads the stores of an OWNER. Others need none: operators manage everything, customers nothing. */
export async function managerOf(stores: StoreChecks, principal: Principal | undefined): Promise<Manager | undefined> {
  if (principal?.role !== 'OWNER') return principal && { ...principal, stores: NO_STORES };
  const { storeIds } = await stores.listOwnStores({ userId: principal.userId });
  return { ...principal, stores: new Set(storeIds) };
}

/** Operators manage what belongs to any store or to none; an OWNER manages what belongs to their stores. */
export const managesStore = (manager: Manager | undefined, storeId: bigint | null | undefined): boolean =>
  isOperator(manager?.role) ||
  (typeof storeId === 'bigint' && manager?.role === 'OWNER' && manager.stores.has(storeId));

/** A principal with the stores at whose counter they may use coupons. */
export interface Clerk extends Principal {
  /** Of staff and owners. Operators need none. */
  readonly stores: ReadonlySet<bigint>;
}

/** Loads the stores at whose counter a principal may use coupons. Undefined: there is none. */
export async function clerkOf(stores: StoreChecks, principal: Principal | undefined): Promise<Clerk | undefined> {
  if (principal === undefined || isOperator(principal.role)) return principal && { ...principal, stores: NO_STORES };
  const { storeIds } = await stores.listCounterStores({ principal });
  return storeIds.length === 0 ? undefined : { ...principal, stores: new Set(storeIds) };
}

/** Operators use coupons of any store and of none; owners and staff those of their stores. */
export const servesStore = (clerk: Clerk, storeId: bigint | null): boolean =>
  isOperator(clerk.role) || (storeId !== null && clerk.stores.has(storeId));

/** Returns the standing of a store. Refused: STORE_NOT_FOUND. */
export async function findStore(stores: StoreChecks, storeId: bigint): Promise<Standing | Refusal> {
  return resultIn(await stores.checkStore({ storeId }));
}

/** Returns the standing of an OPEN store. Refused: STORE_NOT_FOUND, STORE_NOT_OPEN. */
export async function findOpenStore(stores: StoreChecks, storeId: bigint): Promise<Standing | Refusal> {
  const standing = await findStore(stores, storeId);
  return isRefusal(standing) || standing.isOpen ? standing : refuse('STORE_NOT_OPEN');
}
