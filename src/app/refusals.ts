import { EDGE_REFUSALS } from '../gateway/problems/problem-codes.ts';
import { COMMON_REFUSALS } from '../platform/kernel/common-refusals.ts';
import { joinTables } from '../platform/kernel/join-tables.ts';
import type { RefusalTable } from '../platform/kernel/refusal.ts';
import { CONTEXTS } from './contexts.ts';

/** Every problem code. A code that is declared twice throws here, so that no process starts with it. */
export const REFUSALS: RefusalTable = joinTables<RefusalTable[string]>([
  ['the platform', COMMON_REFUSALS],
  ['the edge', EDGE_REFUSALS],
  ...CONTEXTS.map(({ name, refusals }): [string, RefusalTable] => [name, refusals]),
]);
