import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import type { CouponService } from '../contexts/coupon/api.ts';
import type { IdentityService } from '../contexts/identity/api.ts';
import type { OrderService } from '../contexts/order/api.ts';
import type { PointService } from '../contexts/point/api.ts';
import type { StatisticsService } from '../contexts/statistics/api.ts';
import type { Authenticate } from '../gateway/auth/authenticate.ts';
import { EdgeGuard } from '../gateway/auth/guard.ts';
import type { RevokedSessions } from '../gateway/auth/revoked-sessions.ts';
import { IdempotencyInterceptor } from '../gateway/idempotency/idempotency.interceptor.ts';
import type { EarlierKeys } from '../gateway/idempotency/idempotency.ts';
import type { KeysInFlight } from '../gateway/idempotency/keys-in-flight.ts';
import type { CodeLimits } from '../gateway/limits/code-limits.ts';
import type { Limits } from '../gateway/limits/limits.ts';
import { ProblemFilter, type SendProblem } from '../gateway/problems/problem.filter.ts';
import { CouponCodesController } from '../gateway/routes/coupon/coupon-codes.http.ts';
import { CouponPoliciesController } from '../gateway/routes/coupon/coupon-policies.http.ts';
import { CouponReservationsController } from '../gateway/routes/coupon/coupon-reservations.http.ts';
import { CouponUseController } from '../gateway/routes/coupon/coupon-use.http.ts';
import { CouponsController } from '../gateway/routes/coupon/coupons.http.ts';
import { DirectIssueController } from '../gateway/routes/coupon/direct-issue.http.ts';
import { JobsController } from '../gateway/routes/coupon/jobs.http.ts';
import { PolicyCodesController } from '../gateway/routes/coupon/policy-codes.http.ts';
import { ApiKeysController } from '../gateway/routes/identity/api-keys.http.ts';
import { IdentityController } from '../gateway/routes/identity/identity.http.ts';
import { type Sandbox, SandboxController } from '../gateway/routes/ops/sandbox.http.ts';
import { OrdersController } from '../gateway/routes/order/orders.http.ts';
import { ProductsController } from '../gateway/routes/order/products.http.ts';
import { type SandboxPayments, SandboxPaymentsController } from '../gateway/routes/order/sandbox-payments.http.ts';
import { TimeSalesController } from '../gateway/routes/order/time-sales.http.ts';
import { PointsController } from '../gateway/routes/point/points.http.ts';
import { StatisticsController } from '../gateway/routes/statistics/statistics.http.ts';
import {
  CODE_LIMITS,
  COUPON_API,
  IDENTITY_API,
  JOB_STREAMS,
  LIMITS,
  ORDER_API,
  POINT_API,
  REVOKED_SESSIONS,
  SANDBOX,
  SANDBOX_PAYMENTS,
  STATISTICS_API,
  STOCK_STREAMS,
} from '../gateway/server/tokens.ts';
import { schemaPipe } from '../gateway/server/validation.pipe.ts';
import type { JobStreams } from '../gateway/streams/job-streams.ts';
import type { StockStreams } from '../gateway/streams/stock-streams.ts';

/** The dependencies of the controllers and guards. */
export interface EdgeParts {
  readonly coupon: CouponService;
  readonly identity: IdentityService;
  readonly order: OrderService;
  readonly point: PointService;
  readonly statistics: StatisticsService;
  readonly authenticate: Authenticate;
  readonly limits: Limits;
  readonly codeLimits: CodeLimits;
  readonly earlierKeys: EarlierKeys;
  readonly keysInFlight: KeysInFlight;
  readonly revoked: RevokedSessions;
  readonly streams: StockStreams;
  readonly jobStreams: JobStreams;
  readonly sendProblem: SendProblem;
  /** Present where the time may be moved. */
  readonly sandbox: Sandbox | undefined;
  /** Present when the sandbox is the payment provider. */
  readonly sandboxPayments: SandboxPayments | undefined;
}

const CONTROLLERS: readonly Type[] = [
  IdentityController,
  ApiKeysController,
  CouponPoliciesController,
  CouponsController,
  CouponReservationsController,
  CouponUseController,
  DirectIssueController,
  JobsController,
  StatisticsController,
  PointsController,
  OrdersController,
  CouponCodesController,
  PolicyCodesController,
  ProductsController,
  TimeSalesController,
];

@Module({})
class AppModule {}

/** The Nest side of the edge. */
export function appModule(parts: EdgeParts): DynamicModule {
  const providers: Provider[] = [
    { provide: COUPON_API, useFactory: () => parts.coupon },
    { provide: IDENTITY_API, useFactory: () => parts.identity },
    { provide: ORDER_API, useFactory: () => parts.order },
    { provide: POINT_API, useFactory: () => parts.point },
    { provide: STATISTICS_API, useFactory: () => parts.statistics },
    { provide: LIMITS, useFactory: () => parts.limits },
    { provide: CODE_LIMITS, useFactory: () => parts.codeLimits },
    { provide: REVOKED_SESSIONS, useFactory: () => parts.revoked },
    { provide: JOB_STREAMS, useFactory: () => parts.jobStreams },
    { provide: STOCK_STREAMS, useFactory: () => parts.streams },
    { provide: SANDBOX_PAYMENTS, useFactory: () => parts.sandboxPayments },
    { provide: SANDBOX, useFactory: () => parts.sandbox },
    { provide: APP_GUARD, useFactory: () => new EdgeGuard(parts.authenticate, parts.limits) },
    { provide: APP_INTERCEPTOR, useFactory: () => new IdempotencyInterceptor(parts.earlierKeys, parts.keysInFlight) },
    { provide: APP_PIPE, useFactory: schemaPipe },
    { provide: APP_FILTER, useFactory: () => new ProblemFilter(parts.sendProblem) },
  ];
  return {
    module: AppModule,
    controllers: [
      ...CONTROLLERS,
      ...(parts.sandbox ? [SandboxController] : []),
      ...(parts.sandboxPayments ? [SandboxPaymentsController] : []),
    ],
    providers,
  };
}
