import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { StatisticsService } from '../../../contexts/statistics/api.ts';
import { type Principal, toProto } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { PathId, pageOf, pageView } from '../../server/schemas.ts';
import { STATISTICS_API } from '../../server/tokens.ts';
import {
  DAY_EXAMPLE,
  DailyQuery,
  DayView,
  dayJson,
  POLICY_STATISTICS_EXAMPLE,
  type PolicyStatisticsJson,
  PolicyStatisticsView,
  policyStatisticsJson,
} from './statistics.schemas.ts';

const READERS = ['ADMIN', 'OWNER'] as const;
const OnePolicy = z.strictObject({ id: PathId });

@ApiTags('statistics')
@Controller()
export class StatisticsController {
  readonly #statistics: StatisticsService;

  constructor(@Inject(STATISTICS_API) statistics: StatisticsService) {
    this.#statistics = statistics;
  }

  @Get('api/v1/statistics/daily')
  @Operation({
    summary: 'Coupon statistics by day and policy',
    description:
      'A row for each day and policy with activity, oldest day first; at most 366 days. An owner sees their own policies. Updated within seconds.',
    access: READERS,
    status: 200,
    response: {
      schema: pageView('days', DayView),
      example: { days: [DAY_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['POLICY_NOT_FOUND'],
    query: true,
  })
  async daily(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: DailyQuery }) query: z.output<typeof DailyQuery>,
  ) {
    const { from, to, policyId, storeId } = query;
    const message = { principal: toProto(principal), from, to, policyId, storeId, page: pageOf(query) };
    const { days, nextCursor } = valueFrom((await this.#statistics.listDaily(message)).outcome);
    return { days: days.map(dayJson), nextCursor: nextCursor ?? null, hasMore: nextCursor !== undefined };
  }

  @Get(['api/v1/coupon-policies/:id/statistics', 'api/coupon-policies/:id/statistics'])
  @Operation({
    summary: 'Statistics of a policy',
    description: 'Only of own policies, unless the caller is ADMIN. Updated within seconds.',
    access: READERS,
    status: 200,
    response: { schema: PolicyStatisticsView, example: POLICY_STATISTICS_EXAMPLE },
    refusals: ['POLICY_NOT_FOUND'],
  })
  async ofPolicy(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
  ): Promise<PolicyStatisticsJson> {
    const message = { principal: toProto(principal), policyId: id };
    return policyStatisticsJson(valueFrom((await this.#statistics.getPolicyStatistics(message)).outcome));
  }
}
