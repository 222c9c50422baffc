import { isRefusal } from '../../../platform/kernel/refusal.ts';
import type { GetPolicyStatisticsRequest, GetPolicyStatisticsResponse } from '../api.ts';
import { sumCounts, usageRateBp } from '../domain/hours.ts';
import { DAYS_MAX, type ListDeps } from './list-daily.ts';
import { ownPolicy } from './own-policy.ts';

export const getPolicyStatistics =
  ({ coupon, stores, store }: ListDeps) =>
  async ({ principal, policyId }: GetPolicyStatisticsRequest): Promise<GetPolicyStatisticsResponse> => {
    const policy = await ownPolicy({ coupon, stores }, principal, policyId);
    if (isRefusal(policy)) return { outcome: { $case: 'refusal', value: policy } };
    const [{ reserved }, days, hours] = await Promise.all([
      coupon.countReserved({ policyId }),
      store.daysOf(policyId, DAYS_MAX),
      store.hoursOf(policyId),
    ]);
    const counts = sumCounts(hours);
    const max = policy.terms?.maxIssueCount;
    return {
      outcome: {
        $case: 'statistics',
        value: {
          policyId,
          counts,
          reservedNow: reserved,
          remaining: max === undefined ? undefined : Math.max(0, max - policy.currentIssueCount),
          usageRateBp: usageRateBp(counts),
          days,
          hours,
        },
      },
    };
  };
