import type { Route } from '../server/route.ts';
import { couponCodesRoutes } from './coupon/coupon-codes.http.ts';
import { couponCounterRoutes } from './coupon/coupon-counter.http.ts';
import { couponIssueRoutes } from './coupon/coupon-issue.http.ts';
import { couponPoliciesRoutes } from './coupon/coupon-policies.http.ts';
import { couponQuoteRoutes } from './coupon/coupon-quote.http.ts';
import { couponRecordsRoutes } from './coupon/coupon-records.http.ts';
import { couponReservationsRoutes } from './coupon/coupon-reservations.http.ts';
import { couponUseRoutes } from './coupon/coupon-use.http.ts';
import { couponsRoutes } from './coupon/coupons.http.ts';
import { directIssueRoutes } from './coupon/direct-issue.http.ts';
import { jobsRoutes } from './coupon/jobs.http.ts';
import { policyCodesRoutes } from './coupon/policy-codes.http.ts';
import { policyQuantityRoutes } from './coupon/policy-quantity.http.ts';
import { policyStatusRoutes } from './coupon/policy-status.http.ts';
import { policyTermsRoutes } from './coupon/policy-terms.http.ts';
import { policyWithdrawalRoutes } from './coupon/policy-withdrawal.http.ts';
import { filesRoutes } from './files/files.http.ts';
import { apiKeysRoutes } from './identity/api-keys.http.ts';
import { auditLogRoutes } from './identity/audit-log.http.ts';
import { backchannelLogoutRoutes } from './identity/backchannel-logout.http.ts';
import { identityRoutes } from './identity/identity.http.ts';
import { mailRoutes } from './identity/mail.http.ts';
import { mailPagesRoutes } from './identity/mail-pages.http.ts';
import { usersRoutes } from './identity/users.http.ts';
import { mailEventsRoutes } from './notification/mail-events.http.ts';
import { noticeJobsRoutes } from './notification/notice-jobs.http.ts';
import { notificationStreamRoutes } from './notification/notification-stream.http.ts';
import { notificationsRoutes } from './notification/notifications.http.ts';
import { pushSubscriptionsRoutes } from './notification/push-subscriptions.http.ts';
import { suppressionsRoutes } from './notification/suppressions.http.ts';
import { unsubscribeRoutes } from './notification/unsubscribe.http.ts';
import { guideRoutes } from './ops/guides.http.ts';
import { opsRoutes } from './ops/ops.http.ts';
import { sandboxRoutes } from './ops/sandbox.http.ts';
import { checkoutRoutes } from './order/checkout.http.ts';
import { orderMoneyRoutes } from './order/order-money.http.ts';
import { ordersRoutes } from './order/orders.http.ts';
import { paymentWebhookRoutes } from './order/payment-webhook.http.ts';
import { productsRoutes } from './order/products.http.ts';
import { sandboxPaymentsRoutes } from './order/sandbox-payments.http.ts';
import { timeSalesRoutes } from './order/time-sales.http.ts';
import { pointMoveRoutes } from './point/point-moves.http.ts';
import { pointsRoutes } from './point/points.http.ts';
import { statisticsRoutes } from './statistics/statistics.http.ts';
import { storesRoutes } from './store/stores.http.ts';
import { subscriptionsRoutes } from './store/subscriptions.http.ts';
import { webhookDeliveriesRoutes } from './webhook/webhook-deliveries.http.ts';
import { webhooksRoutes } from './webhook/webhooks.http.ts';

/** The routes of every *.http.ts file, in the order of the document. routes.test.ts compares the list with the files. */
const ROUTES = [
  identityRoutes,
  filesRoutes,
  mailRoutes,
  apiKeysRoutes,
  usersRoutes,
  auditLogRoutes,
  backchannelLogoutRoutes,
  policyTermsRoutes,
  couponPoliciesRoutes,
  policyStatusRoutes,
  policyWithdrawalRoutes,
  policyQuantityRoutes,
  couponsRoutes,
  couponReservationsRoutes,
  couponQuoteRoutes,
  couponRecordsRoutes,
  couponUseRoutes,
  couponCounterRoutes,
  directIssueRoutes,
  jobsRoutes,
  statisticsRoutes,
  pointsRoutes,
  ordersRoutes,
  orderMoneyRoutes,
  couponCodesRoutes,
  policyCodesRoutes,
  productsRoutes,
  timeSalesRoutes,
  storesRoutes,
  notificationsRoutes,
  noticeJobsRoutes,
  pushSubscriptionsRoutes,
  suppressionsRoutes,
  mailEventsRoutes,
  unsubscribeRoutes,
  subscriptionsRoutes,
  notificationStreamRoutes,
  webhooksRoutes,
  webhookDeliveriesRoutes,
  sandboxRoutes,
  sandboxPaymentsRoutes,
  mailPagesRoutes,
  couponIssueRoutes,
  pointMoveRoutes,
  checkoutRoutes,
  paymentWebhookRoutes,
  opsRoutes,
  guideRoutes,
] as const;

/** What all routes need together: the APIs of the contexts, and parts of the edge. */
export type RouteDeps = (typeof ROUTES)[number] extends (deps: infer Deps) => unknown ? Deps : never;

export const allRoutes = (deps: RouteDeps): readonly Route[] => ROUTES.flatMap((routes) => routes(deps));
