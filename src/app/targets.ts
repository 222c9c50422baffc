import { CONTEXTS, type ContextName, runs } from './contexts.ts';

/** The contexts that this process hosts. There is one target so far: all of them in one process. */
export const TARGETS = {
  all: CONTEXTS.filter(runs).map(({ name }) => name),
} as const satisfies Record<string, readonly ContextName[]>;
export type Target = keyof typeof TARGETS;
