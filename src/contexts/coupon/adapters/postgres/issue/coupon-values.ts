import { arrayLiteral } from '../../../../../platform/postgres/array-literal.ts';
import type { NewCoupon } from '../../../domain/issue/issue.ts';

/** New coupons as column arrays, for statements that insert them. All have the same time of issue. */
export const couponValues = (issued: readonly NewCoupon[]) => ({
  ids: arrayLiteral(issued.map((coupon) => coupon.couponId)),
  policies: () => arrayLiteral(issued.map((coupon) => coupon.policyId)),
  users: arrayLiteral(issued.map((coupon) => coupon.userId)),
  sequences: arrayLiteral(issued.map((coupon) => coupon.sequenceNo)),
  slots: arrayLiteral(issued.map((coupon) => coupon.slot)),
  issuedAt: new Date(issued[0]?.issuedAtMs ?? 0).toISOString(),
  expiries: arrayLiteral(expiryTexts(issued)),
});

/** The coupons of a policy share their expiry, so each instant is formatted once. */
function expiryTexts(issued: readonly NewCoupon[]): string[] {
  const texts = new Map<number, string>();
  return issued.map(({ expiresAtMs }) => {
    let text = texts.get(expiresAtMs);
    if (text === undefined) {
      text = new Date(expiresAtMs).toISOString();
      texts.set(expiresAtMs, text);
    }
    return text;
  });
}
