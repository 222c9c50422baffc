import { expect, it } from 'vitest';
import { decideIssues } from '../../domain/issue/issue.ts';
import { memoryCouponStore } from '../../test/memory/coupon-store.ts';
import { NOW_MS, policy } from '../../test/policies.ts';
import { listUserCoupons } from './read-coupons.ts';

it('a list of coupons leaves out unknown filters, and is empty when all of its filters are unknown', async () => {
  const store = memoryCouponStore(() => NOW_MS);
  await store.insert(policy(1n));
  const commands = [{ policyId: 1n, userId: 7n, issueMethod: 'CUSTOMER' } as const];
  await store.issueBatch(commands, (snapshot) => decideIssues(snapshot, commands, NOW_MS, () => 90n));
  const list = async (...filters: string[]) =>
    (await listUserCoupons(store, () => NOW_MS)({ userId: 7n, page: undefined, filters })).coupons.length;
  expect(await list()).toBe(1);
  expect(await list('AVAILABLE', 'NONSENSE')).toBe(1);
  expect(await list('USED', 'NONSENSE')).toBe(0);
  expect(await list('NONSENSE')).toBe(0);
});
