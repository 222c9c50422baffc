import { z } from 'zod';
import type { CouponService, PolicyCouponList } from '../../../contexts/coupon/api.ts';
import type { ExternalUsers } from '../../auth/external-users.ts';
import { externalIdsOf, type FileUsersDeps } from '../../auth/file-users.ts';
import { subjectOf, toProto } from '../../auth/principal.ts';
import type { DownloadsDeps } from '../../downloads.ts';
import { valueFrom } from '../../problems/problem.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { PathUserId, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import { wantsCsv } from '../../uploads/csv.ts';
import { OnePolicy, POLICIES_PATHS } from './coupon-policy.schemas.ts';
import {
  COUPON_RECORD_EXAMPLE,
  CouponRecordView,
  couponCsvLine,
  couponRecordJson,
  couponsCsvHeader,
  FOUND_RESERVATION_EXAMPLE,
  FoundReservationView,
  foundReservationJson,
  PolicyCouponsQuery,
} from './coupon-records.schemas.ts';
import { COUPON_EXAMPLE, CouponView, couponJson, OneCoupon, OneReservation } from './coupon-use.schemas.ts';

const COUPONS_PATHS = ['/api/v1/coupons', '/api/coupons'];
const UserOfReservation = z.strictObject({
  userId: PathUserId.optional().meta({
    description:
      'Its user, whichever caller reserved. Without one only what machines and administrators reserved is searched',
  }),
});
/** Read at once for an export. */
const CSV_PAGE = 1_000;

/** What support looks at: single coupons and reservations with all that is known of them, and the coupons of a policy. */
export const couponRecordsRoutes = ({
  coupon,
  downloads,
  externalUsers,
}: FileUsersDeps & DownloadsDeps & { readonly coupon: CouponService }): readonly Route[] => [
  route({
    id: 'getCoupon',
    tag: 'coupons',
    method: 'GET',
    paths: COUPONS_PATHS.map((base) => `${base}/:couponId`),
    summary: 'Read a coupon with its history',
    description:
      'For its owner, ADMIN, and the OWNER and the staff of the store of its policy; for anybody else it is missing. Its owner does not see ' +
      'who of the staff did something by hand, or what they noted.',
    access: 'ANY_TOKEN',
    scope: 'coupons:read',
    status: 200,
    response: { schema: CouponRecordView, example: COUPON_RECORD_EXAMPLE },
    refusals: ['COUPON_NOT_FOUND'],
    params: OneCoupon,
    async handle({ principal, params: { couponId } }) {
      const message = { principal: toProto(principal), couponId };
      return couponRecordJson(valueFrom((await coupon.getCoupon(message)).outcome));
    },
  }),
  route({
    id: 'listPolicyCoupons',
    tag: 'coupon policies',
    method: 'GET',
    paths: POLICIES_PATHS.map((base) => `${base}/:id/coupons`),
    summary: 'List the coupons of a policy, the latest first',
    description:
      'For ADMIN and the OWNER of the store of the policy. With `status` a page may have fewer coupons than its limit, or none, and still a ' +
      'next one: it ends after 50,000 coupons, whatever their status. With `Accept: text/csv` all coupons that match are streamed from the ' +
      'cursor on, without pages.',
    access: MANAGERS,
    scope: 'policies:read',
    status: 200,
    response: {
      schema: pageView('coupons', CouponView).meta({ id: 'CouponList' }),
      example: { coupons: [COUPON_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['POLICY_NOT_FOUND'],
    params: OnePolicy,
    query: PolicyCouponsQuery,
    async handle({ principal, params: { id: policyId }, query, request, reply }) {
      const { status, userId } = query;
      const page = async (limit: number, cursor: string): Promise<PolicyCouponList> => {
        const message = { principal: toProto(principal), policyId, status, userId, page: { limit, cursor } };
        return valueFrom((await coupon.listPolicyCoupons(message)).outcome);
      };
      const { limit, cursor } = pageOf(query);
      if (wantsCsv(request.headers.accept)) {
        // Read before the response begins, so that a refusal is still a problem document.
        const first = await page(CSV_PAGE, cursor);
        const rows = couponsCsv(first, (next) => page(CSV_PAGE, next), externalUsers);
        return downloads.csv(reply, principal, `coupons-${policyId}.csv`, rows);
      }
      const { coupons, nextCursor } = await page(limit, cursor);
      return { coupons: coupons.map(couponJson), ...pageJson(nextCursor) };
    },
  }),
  route({
    id: 'getReservation',
    tag: 'coupons',
    method: 'GET',
    paths: COUPONS_PATHS.map((base) => `${base}/reservations/:reservationId`),
    summary: 'Read a reservation',
    description: 'By the id that its caller chose. A reservation past its end is EXPIRED.',
    access: ['ADMIN'],
    scope: 'coupons:read',
    status: 200,
    response: { schema: FoundReservationView, example: FOUND_RESERVATION_EXAMPLE },
    refusals: ['RESERVATION_NOT_FOUND', 'RESERVATION_CONFLICT'],
    params: OneReservation,
    query: UserOfReservation,
    async handle({ principal, params: { reservationId }, query }) {
      const userId = query.userId === undefined ? undefined : subjectOf(principal, query.userId);
      return foundReservationJson(valueFrom((await coupon.getReservation({ reservationId, userId })).outcome));
    },
  }),
];

/** A page at a time: the next one is read when the one before it has gone out. */
async function* couponsCsv(
  first: PolicyCouponList,
  next: (cursor: string) => Promise<PolicyCouponList>,
  users: ExternalUsers | undefined,
): AsyncGenerator<string, void, undefined> {
  yield couponsCsvHeader();
  for (let page = first; ; page = await next(page.nextCursor)) {
    const names = await externalIdsOf(
      users,
      page.coupons.map(({ userId }) => userId),
    );
    yield page.coupons.map((each) => couponCsvLine(each, names.get(each.userId))).join('');
    if (page.nextCursor === undefined) return;
  }
}
