import { RedeemCodeResponse } from '../../../gen/stampede/coupon/v1/coupon.ts';
import { executeOnce } from '../../../platform/kernel/command-key.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { CouponRefusalCode, RedeemCodeRequest } from '../api.ts';
import type { IssueOutcome, NewCoupon } from '../domain/issue.ts';
import type { CodeFinder } from './code-finder.ts';
import type { FoundCode } from './code-ports.ts';
import type { Issuing } from './issue-coupon.ts';
import { issuedCoupon } from './issued-coupon.ts';
import { refusal } from './outcome.ts';

/** What would tell a guesser that the code exists though nobody can have a coupon for it: answered as if it did not. */
const HIDDEN: ReadonlySet<string> = new Set([
  'POLICY_NOT_FOUND',
  'POLICY_INACTIVE',
  'POLICY_NOT_STARTED',
  'POLICY_ENDED',
  'COUPON_NOT_AVAILABLE',
] satisfies CouponRefusalCode[]);

/** Issues a coupon for a code that a user typed: a shared code by the policy's limits, a unique one once. */
export const redeemCode =
  (finder: Pick<CodeFinder, 'find'>, issuing: Pick<Issuing, 'issueOnce'>) =>
  async ({ userId, code, commandKey }: RedeemCodeRequest): Promise<RedeemCodeResponse> => {
    const found = await finder.find(code);
    if (!found) return refusal(refuse('COUPON_CODE_NOT_FOUND'));
    const unique = found.kind === 'UNIQUE' ? found.code : undefined;
    const respond = (outcome: IssueOutcome) => toResponse(outcome, found);
    const command = { policyId: found.policy.id, userId, via: 'CODE', code: unique } as const;
    return await executeOnce(commandKey, { type: RedeemCodeResponse, refused: refusal, respond }, (keep) =>
      issuing.issueOnce({ ...command, keep }),
    );
  };

function toResponse(outcome: IssueOutcome, found: FoundCode): RedeemCodeResponse {
  if (outcome.kind === 'issued') return { outcome: { $case: 'coupon', value: redeemed(outcome.coupon, found) } };
  return refusal(HIDDEN.has(outcome.refusal.code) ? refuse('COUPON_CODE_NOT_FOUND') : outcome.refusal);
}

function redeemed(coupon: NewCoupon, { policy }: FoundCode) {
  const { terms } = policy;
  if (!terms) throw new Error(`policy ${policy.id} has no terms`);
  return {
    coupon: issuedCoupon(coupon),
    name: terms.name,
    discountType: terms.discountType,
    discountValue: terms.discountValue,
    minimumOrderAmount: terms.minimumOrderAmount,
    maxDiscountAmount: terms.maxDiscountAmount,
  };
}
