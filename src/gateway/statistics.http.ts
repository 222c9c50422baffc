import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { StatisticsService } from '../gen/stampede/statistics/v1/statistics.ts';
import { Operation } from './operation.ts';
import { onTheWire, type Principal } from './principal.ts';
import { valueFrom } from './problem.ts';
import { Asker } from './request.ts';
import { PathId, pageAnswer, pageOf } from './schemas.ts';
import {
  DAY_EXAMPLE,
  DailyQuery,
  DayAnswer,
  dayJson,
  POLICY_STATISTICS_EXAMPLE,
  PolicyStatisticsAnswer,
  type PolicyStatisticsJson,
  policyStatisticsJson,
} from './statistics.schemas.ts';
import { STATISTICS_API } from './tokens.ts';

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
    summary: 'What happened to coupons, by day and policy',
    description:
      'A row for each day and policy on which something happened, oldest day first; at most 366 days. An owner sees their own policies. Seconds behind the facts.',
    access: READERS,
    status: 200,
    answer: {
      schema: pageAnswer('days', DayAnswer),
      example: { days: [DAY_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['POLICY_NOT_FOUND'],
    query: true,
  })
  async daily(@Asker() principal: Principal, @Query({ schema: DailyQuery }) query: z.output<typeof DailyQuery>) {
    const { from, to, policyId, storeId } = query;
    const asked = { principal: onTheWire(principal), from, to, policyId, storeId, page: pageOf(query) };
    const { days, nextCursor } = valueFrom((await this.#statistics.listDaily(asked)).outcome);
    return { days: days.map(dayJson), nextCursor: nextCursor ?? null, hasMore: nextCursor !== undefined };
  }

  @Get(['api/v1/coupon-policies/:id/statistics', 'api/coupon-policies/:id/statistics'])
  @Operation({
    summary: 'What happened to the coupons of a policy',
    description: 'Of own policies, unless ADMIN asks. Seconds behind the facts.',
    access: READERS,
    status: 200,
    answer: { schema: PolicyStatisticsAnswer, example: POLICY_STATISTICS_EXAMPLE },
    refusals: ['POLICY_NOT_FOUND'],
  })
  async ofPolicy(
    @Asker() principal: Principal,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
  ): Promise<PolicyStatisticsJson> {
    const asked = { principal: onTheWire(principal), policyId: id };
    return policyStatisticsJson(valueFrom((await this.#statistics.getPolicyStatistics(asked)).outcome));
  }
}
