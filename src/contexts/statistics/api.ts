/** All that other code may import of the statistics context. */

import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { COUPON_REFUSALS } from '../coupon/api.ts';

export type * from '../../gen/types/stampede/statistics/v1/statistics.ts';

/** Every code this context refuses with: about policies, in the words of the context that owns them. */
export const STATISTICS_REFUSALS = {
  POLICY_NOT_FOUND: COUPON_REFUSALS.POLICY_NOT_FOUND,
  VALIDATION_FAILED: COUPON_REFUSALS.VALIDATION_FAILED,
  FORBIDDEN: COUPON_REFUSALS.FORBIDDEN,
} as const satisfies RefusalTable;
