import type { PolicyTerms } from '../../contexts/coupon/api.ts';
import { DAY_MS, HOUR_MS } from '../../platform/kernel/durations.ts';
import { shopTimeZone } from '../../platform/kernel/shop.ts';

export interface DemoPolicy {
  readonly terms: PolicyTerms & { readonly code: string };
  /** Coupons to issue to demo users right after its creation. */
  readonly issue: number;
  readonly transition?: 'PAUSE' | 'END';
}

/** One policy for each feature. A second run recognises them by code. */
export function demoPolicies(nowMs: number): readonly DemoPolicy[] {
  const from = (ms: number) => new Date(nowMs + ms);
  const common = {
    description: 'Demo data',
    discountType: 'FIXED_AMOUNT',
    discountValue: 5_000n,
    minimumOrderAmount: 20_000n,
    distributionType: 'FIRST_COME',
    maxIssuePerUser: 1,
    validDays: 30,
    expireAt: undefined,
    validFrom: from(0),
    validUntil: from(30 * DAY_MS),
    timezone: shopTimeZone(),
    restoreOnRefund: false,
  };
  return [
    { terms: { ...common, code: 'DEMO-OPEN', name: 'Opening day: 5,000 won off', maxIssueCount: 1_000 }, issue: 7 },
    {
      terms: { ...common, code: 'DEMO-SOON', name: 'Opens in an hour', maxIssueCount: 100, validFrom: from(HOUR_MS) },
      issue: 0,
    },
    { terms: { ...common, code: 'DEMO-SOLD-OUT', name: 'Three, and all are gone', maxIssueCount: 3 }, issue: 3 },
    {
      terms: {
        ...common,
        code: 'DEMO-DOWNLOAD',
        name: '15 % off, two for everybody',
        distributionType: 'DOWNLOAD',
        discountType: 'PERCENTAGE',
        discountValue: 1_500n,
        maxDiscountAmount: 10_000n,
        maxIssuePerUser: 2,
      },
      issue: 5,
    },
    {
      terms: { ...common, code: 'DEMO-PAUSED', name: 'Paused', distributionType: 'DOWNLOAD', maxIssueCount: 500 },
      issue: 2,
      transition: 'PAUSE',
    },
    { terms: { ...common, code: 'DEMO-ENDED', name: 'Ended early', maxIssueCount: 50 }, issue: 4, transition: 'END' },
  ];
}
