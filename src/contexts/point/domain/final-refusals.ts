import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { PointRefusalCode } from '../refusals.ts';

/** What the account of a user decides. */
const FINAL: ReadonlySet<string> = new Set<PointRefusalCode>(['INSUFFICIENT_POINTS', 'POINT_LIMIT_EXCEEDED']);

/**
 * Whether a refusal is stored under the keys of its request, as an effect is: a repeat gets it again, and another request may not have the key.
 * All others leave the key free.
 */
export const isFinal = ({ code }: Pick<Refusal, 'code'>): boolean => FINAL.has(code);
