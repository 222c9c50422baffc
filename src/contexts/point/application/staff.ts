import type { Principal } from '../../../platform/kernel/contract.ts';

/** Services and administrators may act on the points of every user. */
export const isStaff = (principal: Principal | undefined): boolean =>
  principal?.role === 'ADMIN' || principal?.role === 'SERVICE';

/** The name of a principal in the ledger, for example ADMIN:1. */
export const nameOf = (principal: Principal | undefined): string =>
  principal === undefined ? 'nobody' : `${principal.role}:${principal.userId}`;
