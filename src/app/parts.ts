/**
 * The contexts that run, in the order of contexts.ts: one may call those before it. The order is stored: node numbers, and with them ids,
 * follow from it (node-ranges.ts), so a new name is added at the end.
 */
export const CONTEXT_NAMES = [
  'identity',
  'store',
  'coupon',
  'point',
  'order',
  'notification',
  'statistics',
  'webhook',
] as const;
export type ContextName = (typeof CONTEXT_NAMES)[number];

/** What may run in a process of its own, with a database of its own. */
export type Part = ContextName | 'gateway';
export const PARTS: readonly Part[] = ['gateway', ...CONTEXT_NAMES];

/** What a process hosts. */
export interface Target {
  readonly parts: ReadonlySet<Part>;
  /** Does it host every part, so that it needs no other process? */
  readonly isComplete: boolean;
}

/** Every context and the gateway in one process. */
export const ALL: Target = { parts: new Set(PARTS), isComplete: true };
