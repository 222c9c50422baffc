import type { Principal } from '../../../gen/stampede/common/v1/common.ts';

/** Machines and administrators act on anybody's points. */
export const isStaff = (principal: Principal | undefined): boolean =>
  principal?.role === 'ADMIN' || principal?.role === 'SERVICE';

/** As it stands in the ledger, for example ADMIN:1. */
export const nameOf = (principal: Principal | undefined): string =>
  principal === undefined ? 'nobody' : `${principal.role}:${principal.userId}`;
