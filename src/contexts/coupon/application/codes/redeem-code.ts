import { executeOnce } from '../../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type CouponRefusalCode, type RedeemCodeRequest, type RedeemCodeResponse, stored } from '../../api.ts';
import type { IssueOutcome, NewCoupon } from '../../domain/issue/issue.ts';
import { refuse } from '../../refusals.ts';
import type { CouponIssuer } from '../issue/issue-coupon.ts';
import { toIssuedCouponView } from '../issue/issued-coupon-view.ts';
import { type ResultLookup, replayOr } from '../issue/result-lookup.ts';
import type { CodeFinder } from './code-finder.ts';
import type { FoundCode } from './ports.ts';

/** Refusals that would reveal to a guesser that the code exists. The response is COUPON_CODE_NOT_FOUND instead. */
const HIDDEN: ReadonlySet<string> = new Set([
  'POLICY_NOT_FOUND',
  'POLICY_INACTIVE',
  'POLICY_NOT_STARTED',
  'POLICY_ENDED',
  'POLICY_SUSPENDED',
  'COUPON_NOT_AVAILABLE',
] satisfies CouponRefusalCode[]);

/**
 * Issues a coupon for a code: for a shared code up to the policy's limits, for a unique code once. A code that is not
 * found may have been found by the first command with the same key.
 */
export const redeemCode =
  (
    finder: Pick<CodeFinder, 'find'>,
    issuer: Pick<CouponIssuer, 'issueOnce'>,
    resultLookup: Pick<ResultLookup, 'find'>,
  ) =>
  async ({ userId, code, commandKey }: RedeemCodeRequest): Promise<RedeemCodeResponse> => {
    const found = await finder.find(code);
    const respond = (outcome: IssueOutcome) => toResponse(outcome, found);
    return await executeOnce(
      commandKey,
      { type: stored.RedeemCodeResponse, refused: toRefusalResponse, respond },
      (idempotency) => {
        if (!found) return replayOr(resultLookup, commandKey, NOT_FOUND);
        const code = found.kind === 'UNIQUE' ? { code: found.code } : { sharedCode: found.code };
        return issuer.issueOnce({ policyId: found.policy.id, userId, issueMethod: 'CODE', ...code, idempotency });
      },
    );
  };

const NOT_FOUND: IssueOutcome = { kind: 'refused', refusal: refuse('COUPON_CODE_NOT_FOUND') };

function toResponse(outcome: IssueOutcome, found: FoundCode | undefined): RedeemCodeResponse {
  if (outcome.kind === 'refused') {
    return toRefusalResponse(HIDDEN.has(outcome.refusal.code) ? refuse('COUPON_CODE_NOT_FOUND') : outcome.refusal);
  }
  if (!found) throw new Error('a coupon was issued for a code that was not found');
  return { outcome: { $case: 'coupon', value: redeemed(outcome.coupon, found) } };
}

function redeemed(coupon: NewCoupon, { policy }: FoundCode) {
  const { terms } = policy;
  return {
    coupon: toIssuedCouponView(coupon),
    name: terms.name,
    discountType: terms.discountType,
    discountValue: terms.discountValue,
    minimumOrderAmount: terms.minimumOrderAmount,
    maxDiscountAmount: terms.maxDiscountAmount,
  };
}
