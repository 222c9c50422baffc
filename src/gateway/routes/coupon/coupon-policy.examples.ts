/** One policy, the same in every example of the document. */
export const POLICY_BODY_EXAMPLE = {
  name: 'Opening day, 3,000 won off',
  description: 'For the first 10,000 customers',
  discountType: 'FIXED_AMOUNT',
  discountValue: 3000,
  minimumOrderAmount: 10000,
  distributionType: 'FIRST_COME',
  maxIssueCount: 10000,
  maxIssuePerUser: 1,
  validDays: 30,
  validFrom: '2026-01-01T01:00:00Z',
  validUntil: '2026-01-31T15:00:00Z',
  timezone: 'Asia/Seoul',
};

export const POLICY_EXAMPLE = {
  couponPolicyId: '7330011234567890',
  ...POLICY_BODY_EXAMPLE,
  maxDiscountAmount: null,
  currentIssueCount: 0,
  expireAt: null,
  validFrom: '2026-01-01T01:00:00.000Z',
  validUntil: '2026-01-31T15:00:00.000Z',
  storeId: null,
  status: 'PENDING',
  code: null,
  triggerEventType: null,
  restoreOnRefund: false,
  version: 1,
  createdAt: '2025-12-20T02:00:00.000Z',
  updatedAt: '2025-12-20T02:00:00.000Z',
};
