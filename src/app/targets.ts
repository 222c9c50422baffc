/** All contexts; a target hosts some of them. */
export const CONTEXTS = ['identity', 'coupon', 'point', 'order', 'statistics'] as const;
export type ContextName = (typeof CONTEXTS)[number];

/** The contexts that this process hosts. There is one target so far: all of them in one process. */
export const TARGETS = { all: CONTEXTS } as const satisfies Record<string, readonly ContextName[]>;
export type Target = keyof typeof TARGETS;
