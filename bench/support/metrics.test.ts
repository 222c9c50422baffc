import { expect, test } from 'vitest';
import { rise, statusesOf } from './metrics.ts';

const answered = (route: string, status: number): string =>
  `stampede_http_requests_total{method="POST",route="${route}",status="${status}"}`;
const ISSUE = '/api/v1/coupons/policies/:policyId/issue';

test('statuses are those of the issue route, between the two readings', () => {
  const before = new Map([[answered(ISSUE, 201), 5]]);
  const after = new Map([
    [answered(ISSUE, 201), 7],
    [answered(ISSUE, 410), 3],
    [answered('/api/v1/coupon-policies', 201), 9],
  ]);
  expect(statusesOf(before, after)).toEqual({ 201: 2, 410: 3 });
});

test('a rise adds up the series of exactly that name', () => {
  const before = new Map([['groups_count{lane="a"}', 1]]);
  const after = new Map([
    ['groups_count{lane="a"}', 4],
    ['groups_count{lane="b"}', 5],
    ['groups_count_total', 100],
  ]);
  expect(rise(before, after, 'groups_count')).toBe(8);
  expect(rise(before, after, 'groups_count', 'lane="a"')).toBe(3);
});
