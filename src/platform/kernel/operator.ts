/**
 * Returns whether a role may act on what anybody created: an administrator, or a machine, which the edge has admitted to the operation by
 * a scope.
 */
export const isOperator = (role: string | undefined): boolean => role === 'ADMIN' || role === 'SERVICE';

/** Returns whether a role manages stores and what belongs to them: an OWNER their own, operators all. */
export const isManager = (role: string | undefined): boolean => isOperator(role) || role === 'OWNER';
