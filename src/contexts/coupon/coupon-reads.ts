import type { Clock } from '../../platform/kernel/clock.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { StoreChecks } from '../store/api.ts';
import { postgresWithdrawalStore } from './adapters/postgres/jobs/withdrawal-store.ts';
import { postgresActivityReader } from './adapters/postgres/queries/activity-reader.ts';
import { postgresCouponReader } from './adapters/postgres/queries/coupon-reader.ts';
import { postgresCouponRecords } from './adapters/postgres/queries/coupon-records.ts';
import { postgresHolderReader } from './adapters/postgres/queries/holder-reader.ts';
import { postgresPolicyCoupons } from './adapters/postgres/queries/policy-coupons.ts';
import { postgresQuoteReader } from './adapters/postgres/queries/quote-reader.ts';
import { postgresUnusedReader } from './adapters/postgres/queries/unused-reader.ts';
import { countActivity, countReserved, listPolicyIds } from './application/queries/count-activity.ts';
import { getCoupon } from './application/queries/get-coupon.ts';
import { getReservation } from './application/queries/get-reservation.ts';
import { getUserStatistics } from './application/queries/get-user-statistics.ts';
import { listDueCoupons, listUnusedCoupons } from './application/queries/list-due-coupons.ts';
import { listExpiringCoupons } from './application/queries/list-expiring-coupons.ts';
import { listHolders } from './application/queries/list-holders.ts';
import { listPolicyCoupons } from './application/queries/list-policy-coupons.ts';
import { isIssued, listUserCoupons } from './application/queries/read-coupons.ts';
import { quoteCoupons } from './application/quote/quote-coupons.ts';
import type { Policies } from './policies.ts';

interface CouponReadsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly stores: StoreChecks;
  readonly policies: Pick<Policies, 'store' | 'codes'>;
}

/** What is read of issued coupons: by their users, by managers, and by other contexts. */
export function couponReads({ database, clock, stores, policies: { store, codes } }: CouponReadsDeps) {
  const reader = postgresCouponReader(database);
  const activity = postgresActivityReader(database);
  const unused = postgresUnusedReader(database);
  const records = postgresCouponRecords(database);
  return {
    getCoupon: getCoupon(records, stores, clock),
    getReservation: getReservation(reader, records, clock),
    listHolders: listHolders(postgresHolderReader(database)),
    listPolicyCoupons: listPolicyCoupons(
      { policies: store, stores },
      postgresPolicyCoupons(database),
      postgresWithdrawalStore(database),
      clock,
    ),
    isIssued: isIssued(reader),
    listUserCoupons: listUserCoupons(reader, clock),
    listExpiringCoupons: listExpiringCoupons(reader, clock),
    getUserStatistics: getUserStatistics(reader, clock),
    countActivity: countActivity(activity),
    countReserved: countReserved(activity),
    listPolicyIds: listPolicyIds(activity),
    listDueCoupons: listDueCoupons(unused),
    listUnusedCoupons: listUnusedCoupons(unused),
    quoteCoupons: quoteCoupons(postgresQuoteReader(database), codes, clock),
  };
}
