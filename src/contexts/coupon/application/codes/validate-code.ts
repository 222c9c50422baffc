import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { ValidateCodeRequest, ValidateCodeResponse } from '../../api.ts';
import { isOpen } from '../../domain/policy/policy.ts';
import type { CodeFinder } from './code-finder.ts';
import type { FoundCode } from './ports.ts';

/**
 * Returns whether a new user could redeem the code now. Unknown, early, late, sold out and redeemed codes all return
 * false.
 */
export const validateCode =
  (finder: Pick<CodeFinder, 'find'>, clock: Clock) =>
  async ({ code }: ValidateCodeRequest): Promise<ValidateCodeResponse> => {
    const found = await finder.find(code);
    return { valid: found !== undefined && isRedeemable(found, clock()) };
  };

/** Whether the code would issue a coupon to a user who has none of its policy. */
export function isRedeemable({ policy, redeemed }: FoundCode, nowMs: number): boolean {
  const { terms, currentIssueCount } = policy;
  if (redeemed || terms.distributionType !== 'CODE' || !isOpen(policy, nowMs)) return false;
  return terms.maxIssueCount === undefined || currentIssueCount < terms.maxIssueCount;
}
