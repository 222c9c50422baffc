import { expect, it } from 'vitest';
import type { IssueCommand } from '../../domain/issue/issue.ts';
import { issuable } from '../../test/policies.ts';
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

const at = (lastSequenceNo: number) => [issuable({ lastSequenceNo, issuedCount: lastSequenceNo })];

it('while another node issues the same policy, batches of issues run one at a time and collect for as long as the last one took, 5 ms at most', () => {
  const { recordDecision, concurrency, collectMs } = paths();
  recordDecision(at(0), at(20));
  recordDecision(at(20), at(40));
  expect([concurrency(), collectMs(20, 3)]).toEqual([CONCURRENCY_MAX, 0]);
  recordDecision(at(70), at(90));
  expect([concurrency(), collectMs(20, 3), collectMs(20, 80)]).toEqual([1, 3, 5]);
  recordDecision(at(90), at(110));
  expect([concurrency(), collectMs(20, 3)]).toEqual([CONCURRENCY_MAX, 0]);
});

it('a batch of issues collects after a small one only if another node has issued more of the policy', () => {
  const { recordDecision, collectMs } = paths();
  recordDecision(at(0), at(20));
  recordDecision(at(25), at(30));
  expect([collectMs(5, 3), collectMs(10, 3), collectMs(11, 3)]).toEqual([0, 0, 3]);
  recordDecision(at(41), at(46));
  expect([collectMs(4, 3), collectMs(5, 3)]).toEqual([0, 3]);
});
