import { type Resource, text } from './verb.ts';

export const STATISTICS: Resource = {
  name: 'statistics',
  description: 'what became of coupons by day; policies and stores have statistics of their own',
  columns: ['day', 'couponPolicyId', 'storeId', 'issued', 'reserved', 'used', 'cancelled', 'expired', 'discountGiven'],
  verbs: [
    {
      name: 'daily',
      description: 'list the days of each policy',
      method: 'GET',
      path: '/api/v1/statistics/daily',
      list: 'days',
      query: [
        text('from', 'the first day, such as 2030-01-31', { required: true }),
        text('to', 'the last day', { required: true }),
        text('policyId', 'of this policy'),
        text('storeId', 'of this store'),
      ],
    },
  ],
};
