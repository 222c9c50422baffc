import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import type { AuditOf } from '../gateway/audit/audit.ts';
import type { Authenticate } from '../gateway/auth/authenticate.ts';
import { EdgeGuard } from '../gateway/auth/guard.ts';
import type { EarlierKeys } from '../gateway/idempotency/earlier-keys.ts';
import { IdempotencyInterceptor } from '../gateway/idempotency/idempotency.interceptor.ts';
import type { KeysInFlight } from '../gateway/idempotency/keys-in-flight.ts';
import type { Limits } from '../gateway/limits/limits.ts';
import { ProblemFilter, type SendProblem } from '../gateway/problems/problem.filter.ts';
import { type NestParts, nestController } from '../gateway/server/nest-routes.ts';
import type { NestRoute } from '../gateway/server/route.ts';

export interface EdgeParts extends NestParts {
  readonly authenticate: Authenticate;
  readonly limits: Limits;
  readonly earlierKeys: EarlierKeys;
  readonly keysInFlight: KeysInFlight;
  readonly auditOf: AuditOf;
  readonly sendProblem: SendProblem;
}

@Module({})
class AppModule {}

/** The Nest side of the edge. */
export function appModule(routes: readonly NestRoute[], parts: EdgeParts): DynamicModule {
  const providers: Provider[] = [
    { provide: APP_GUARD, useFactory: () => new EdgeGuard(parts.authenticate, parts.limits, parts.externalUsers) },
    {
      provide: APP_INTERCEPTOR,
      useFactory: () => new IdempotencyInterceptor(parts.earlierKeys, parts.keysInFlight, parts.auditOf),
    },
    { provide: APP_FILTER, useFactory: () => new ProblemFilter(parts.sendProblem) },
  ];
  return { module: AppModule, controllers: [nestController(routes, parts)], providers };
}
