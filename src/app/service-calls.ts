import { includesMethod } from './call-rules.ts';
import type { Apis } from './contexts.ts';
import type { ContextName } from './parts.ts';

/** Which methods a context may call of another one. The gateway may call all; everything else is denied. */
type Calls = { readonly [Name in ContextName]?: readonly (keyof Apis[Name] & string)[] };
const STORE_CHECKS = ['checkStore', 'listOwnStores', 'listCounterStores'] as const;
const CALLS_OF: Readonly<Partial<Record<ContextName, Calls>>> = {
  coupon: { store: STORE_CHECKS },
  order: {
    store: STORE_CHECKS,
    coupon: [
      'reserveCoupon',
      'countReservations',
      'endReservationCount',
      'confirmReservation',
      'releaseReservation',
      'restoreCoupon',
    ],
    point: ['holdPoints', 'spendPoints', 'captureHold', 'releaseHold', 'refundCapture'],
  },
  notification: {
    store: [...STORE_CHECKS, 'getStore', 'listFollowers', 'listFollowedOpenings'],
    coupon: ['listDueCoupons', 'listUnusedCoupons', 'listHolders', 'getPolicy'],
    identity: ['getContacts', 'withdrawConsent', 'listAdministrators'],
  },
  webhook: { identity: ['getExternalIds'] },
  statistics: {
    store: STORE_CHECKS,
    coupon: ['getPolicy', 'listPolicyIds', 'countActivity', 'countReserved'],
  },
};

/** Returns the contexts that `caller` calls. */
export const calledBy = (caller: ContextName): readonly ContextName[] =>
  Object.keys(CALLS_OF[caller] ?? {}) as ContextName[];

/** May `caller` call this method, by its name in the contract? */
export function mayCall(caller: string, name: ContextName, method: string): boolean {
  if (caller === 'gateway') return true;
  return includesMethod(CALLS_OF[caller as ContextName]?.[name] ?? [], method);
}
