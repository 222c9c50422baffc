/** Every context there is; a target hosts some of them. */
export const CONTEXTS = ['identity', 'coupon', 'point', 'order', 'statistics'] as const;
export type ContextName = (typeof CONTEXTS)[number];

/** Which contexts this process hosts. There is one target so far: everything in one process. */
export const TARGETS = { all: CONTEXTS } as const satisfies Record<string, readonly ContextName[]>;
export type Target = keyof typeof TARGETS;
