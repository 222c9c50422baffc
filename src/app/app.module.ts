import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import type { CouponService } from '../contexts/coupon/api.ts';
import type { IdentityService } from '../contexts/identity/api.ts';
import type { OrderService } from '../contexts/order/api.ts';
import type { PointService } from '../contexts/point/api.ts';
import type { StatisticsService } from '../contexts/statistics/api.ts';
import { ApiKeysController } from '../gateway/api-keys.http.ts';
import type { Authenticate } from '../gateway/authenticate.ts';
import type { CodeLimits } from '../gateway/code-limits.ts';
import { CouponCodesController } from '../gateway/coupon-codes.http.ts';
import { CouponPoliciesController } from '../gateway/coupon-policies.http.ts';
import { CouponReservationsController } from '../gateway/coupon-reservations.http.ts';
import { CouponUseController } from '../gateway/coupon-use.http.ts';
import { CouponsController } from '../gateway/coupons.http.ts';
import { DirectIssueController } from '../gateway/direct-issue.http.ts';
import { EdgeGuard } from '../gateway/guard.ts';
import { IdempotencyInterceptor } from '../gateway/idempotency.interceptor.ts';
import type { EarlierKeys } from '../gateway/idempotency.ts';
import { IdentityController } from '../gateway/identity.http.ts';
import type { JobStreams } from '../gateway/job-streams.ts';
import { JobsController } from '../gateway/jobs.http.ts';
import type { KeysInFlight } from '../gateway/keys-in-flight.ts';
import type { Limits } from '../gateway/limits.ts';
import { OrdersController } from '../gateway/orders.http.ts';
import { PointsController } from '../gateway/points.http.ts';
import { PolicyCodesController } from '../gateway/policy-codes.http.ts';
import { ProblemFilter, type SendProblem } from '../gateway/problem.filter.ts';
import { ProductsController } from '../gateway/products.http.ts';
import type { RevokedSessions } from '../gateway/revoked-sessions.ts';
import { type Sandbox, SandboxController } from '../gateway/sandbox.http.ts';
import { type SandboxPayments, SandboxPaymentsController } from '../gateway/sandbox-payments.http.ts';
import { StatisticsController } from '../gateway/statistics.http.ts';
import type { StockStreams } from '../gateway/stock-streams.ts';
import { TimeSalesController } from '../gateway/time-sales.http.ts';
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
} from '../gateway/tokens.ts';
import { schemaPipe } from '../gateway/validation.pipe.ts';

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
