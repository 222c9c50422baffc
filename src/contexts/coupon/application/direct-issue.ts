import { isRefusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { DirectIssueRequest, DirectIssueResponse, DirectIssueResult } from '../api.ts';
import type { IssueCommand, IssueOutcome } from '../domain/issue.ts';
import { handledPolicy } from './handled-policy.ts';
import type { Issuing } from './issue-coupon.ts';
import { refusal } from './outcome.ts';
import type { PolicyStore } from './ports.ts';

export const USERS_MAX = 10_000;

/** Issues to a list of users, each decided by itself; who asked for it is recorded before anybody gets a coupon. */
export const directIssue =
  (store: Pick<PolicyStore, 'find' | 'record'>, { issueAll }: Pick<Issuing, 'issueAll'>) =>
  async ({ principal, policyId, userIds, issuedBy }: DirectIssueRequest): Promise<DirectIssueResponse> => {
    if (userIds.length < 1 || userIds.length > USERS_MAX) {
      return refusal(refuse('VALIDATION_FAILED', { userIds: `must be 1 to ${USERS_MAX}` }));
    }
    const policy = await handledPolicy(store, principal, policyId, 'DIRECT');
    if (isRefusal(policy)) return refusal(policy);
    const reason = `to ${userIds.length} users, asked by user ${principal?.userId}`;
    await store.record(policyId, { kind: 'DIRECT_ISSUE', by: issuedBy, reason });
    const commands = userIds.map((userId): IssueCommand => ({ policyId, userId, via: 'DIRECT' }));
    const outcomes = await issueAll(commands);
    const results = outcomes.map((outcome, index) => toResult(userIds[index] ?? 0n, outcome));
    return { outcome: { $case: 'results', value: { results } } };
  };

function toResult(userId: bigint, outcome: IssueOutcome): DirectIssueResult {
  if (outcome.kind === 'issued') return { userId, couponId: outcome.coupon.couponId, code: undefined };
  const { code, details } = outcome.refusal;
  const { couponId } = details;
  return { userId, couponId: couponId === undefined ? undefined : BigInt(couponId), code };
}
