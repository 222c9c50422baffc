import type { Refusal } from '../../../platform/kernel/refusal.ts';

/** The response of an operation that refuses. */
export const refusal = (value: Refusal) => ({ outcome: { $case: 'refusal' as const, value } });
