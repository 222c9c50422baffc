import type { Part } from './parts.ts';

/** Returns whether `method`, a name of the contract that another process sent, is one of these operations. */
export const includesMethod = (operations: readonly string[], method: string): boolean =>
  operations.includes(`${method.charAt(0).toLowerCase()}${method.slice(1)}`);

/** Returns the rule for a service of which each caller may call these operations, and no others. */
export const onlyCalls =
  <Api>(operations: Readonly<Partial<Record<Part, readonly (keyof Api & string)[]>>>) =>
  (caller: string, method: string): boolean =>
    Object.hasOwn(operations, caller) && includesMethod(operations[caller as Part] ?? [], method);
