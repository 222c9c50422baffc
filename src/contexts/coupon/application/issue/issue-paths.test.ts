import { expect, it } from 'vitest';
import type { IssueCommand } from '../../domain/issue/issue.ts';
import { CONCURRENCY_MAX, issuePaths } from './issue-paths.ts';

const paths = () => issuePaths({ isHolder: (policyId, userId) => policyId === 1n && userId === 7n });
const command = (policyId: bigint, userId: bigint): IssueCommand => ({ policyId, userId, issueMethod: 'CUSTOMER' });

it('a batch of issues is tried by one statement, unless one of its users is known to hold a coupon of the policy', () => {
  const { choose } = paths();
  expect(choose([command(1n, 5n), command(1n, 6n)])).toBe('optimistic');
  expect(choose([command(1n, 6n), command(1n, 7n)])).toBe('locked');
  expect(choose([command(2n, 7n)])).toBe('optimistic');
});

it('after a batch that was issued by one statement, batches of issues run one at a time until one is issued under the lock', () => {
  const { record, concurrency } = paths();
  expect(concurrency()).toBe(CONCURRENCY_MAX);
  record('optimistic');
  expect(concurrency()).toBe(1);
  record('locked');
  expect(concurrency()).toBe(CONCURRENCY_MAX);
});
