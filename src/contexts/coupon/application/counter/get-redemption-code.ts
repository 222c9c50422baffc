import type { Clock } from '../../../../platform/kernel/clock.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { GetRedemptionCodeRequest, GetRedemptionCodeResponse } from '../../api.ts';
import { refusalOfUse } from '../../domain/lifecycle/lifecycle-outcome.ts';
import { refuse } from '../../refusals.ts';
import type { OwnCoupons } from '../queries/ports.ts';
import type { RedemptionCodes } from './ports.ts';

/** The code of a coupon for its owner, while the coupon can be used. */
export const getRedemptionCode =
  (codes: Pick<RedemptionCodes, 'codeOf'>, coupons: Pick<OwnCoupons, 'find'>, clock: Clock) =>
  async ({ couponId, userId }: GetRedemptionCodeRequest): Promise<GetRedemptionCodeResponse> => {
    const [coupon] = await coupons.find(userId, [couponId]);
    if (!coupon) return toRefusalResponse(refuse('COUPON_NOT_FOUND'));
    const unusable = refusalOfUse(coupon, clock());
    if (unusable) return toRefusalResponse(unusable);
    return { outcome: { $case: 'redemptionCode', value: { code: codes.codeOf(couponId) } } };
  };
