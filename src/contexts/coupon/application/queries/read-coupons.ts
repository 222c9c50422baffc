import type { Clock } from '../../../../platform/kernel/clock.ts';
import { cutPage, readPage } from '../../../../platform/kernel/pages.ts';
import type { IsIssuedRequest, IsIssuedResponse, ListUserCouponsRequest, ListUserCouponsResponse } from '../../api.ts';
import { COUPON_FILTERS } from '../../domain/enumerations.ts';
import type { CouponReader } from './ports.ts';

export const isIssued =
  (reader: CouponReader) =>
  async ({ policyId, userId }: IsIssuedRequest): Promise<IsIssuedResponse> => ({
    issued: await reader.isIssued(policyId, userId),
  });

/** A user's coupons, newest first. An invalid cursor, or only unknown filters, give an empty page. */
export const listUserCoupons =
  (reader: CouponReader, clock: Clock) =>
  async ({ userId, page, filters: requested }: ListUserCouponsRequest): Promise<ListUserCouponsResponse> => {
    const pageRequest = readPage(page);
    const filters = COUPON_FILTERS.filter((each) => requested.includes(each));
    if (!pageRequest || (requested.length > 0 && filters.length === 0)) return { coupons: [], nextCursor: undefined };
    const { limit, before } = pageRequest;
    const found = await reader.listOfUser({ userId, filters, now: new Date(clock()), before, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ coupon }) => coupon.id);
    return { coupons: rows, nextCursor };
  };
