import { EDGE_REFUSALS } from '../gateway/problems/problem-codes.ts';
import type { RefusalTable } from '../platform/kernel/refusal.ts';
import { CONTEXTS } from './contexts.ts';

/** Every problem code of this edge. The edge's own texts win, because its errors carry `errors` and not details. */
export const REFUSALS: RefusalTable = Object.assign({}, ...CONTEXTS.map(({ refusals }) => refusals), EDGE_REFUSALS);
