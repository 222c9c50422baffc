import type { Principal } from '../../../platform/kernel/contract.ts';

/** The name of a principal in the ledger, for example ADMIN:1. */
export const nameOf = (principal: Principal | undefined): string =>
  principal === undefined ? 'nobody' : `${principal.role}:${principal.userId}`;
