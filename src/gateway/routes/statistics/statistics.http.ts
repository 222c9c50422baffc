import { z } from 'zod';
import type { StatisticsService } from '../../../contexts/statistics/api.ts';
import { toProto } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { PathId, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import {
  DAY_EXAMPLE,
  DailyQuery,
  DayView,
  dayJson,
  POLICY_STATISTICS_EXAMPLE,
  type PolicyStatisticsJson,
  PolicyStatisticsView,
  policyStatisticsJson,
  STORE_STATISTICS_EXAMPLE,
  type StoreStatisticsJson,
  StoreStatisticsView,
  storeStatisticsJson,
} from './statistics.schemas.ts';

const OnePolicy = z.strictObject({ id: PathId });
const OneStore = z.strictObject({ id: PathId });

export const statisticsRoutes = ({ statistics }: { readonly statistics: StatisticsService }): readonly Route[] => [
  route({
    id: 'listDailyStatistics',
    tag: 'statistics',
    method: 'GET',
    paths: ['/api/v1/statistics/daily'],
    summary: 'List coupon statistics by day and policy',
    description:
      'One row for each day and policy with activity, the oldest day first; at most 366 days. An OWNER gets their ' +
      'own policies. Updated within seconds.',
    access: MANAGERS,
    scope: 'statistics:read',
    status: 200,
    response: {
      schema: pageView('days', DayView).meta({ id: 'DailyStatisticsList' }),
      example: { days: [DAY_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['POLICY_NOT_FOUND'],
    query: DailyQuery,
    async handle({ principal, query }) {
      const { from, to, policyId, storeId } = query;
      const message = { principal: toProto(principal), from, to, policyId, storeId, page: pageOf(query) };
      const { days, nextCursor } = valueFrom((await statistics.listDaily(message)).outcome);
      return { days: days.map(dayJson), ...pageJson(nextCursor) };
    },
  }),
  route({
    id: 'getCouponPolicyStatistics',
    tag: 'statistics',
    method: 'GET',
    paths: ['/api/v1/coupon-policies/:id/statistics', '/api/coupon-policies/:id/statistics'],
    summary: 'Read the statistics of a policy',
    description: 'Only of own policies, unless the caller is ADMIN. Updated within seconds.',
    access: MANAGERS,
    scope: 'statistics:read',
    status: 200,
    response: { schema: PolicyStatisticsView, example: POLICY_STATISTICS_EXAMPLE },
    refusals: ['POLICY_NOT_FOUND'],
    params: OnePolicy,
    async handle({ principal, params: { id } }): Promise<PolicyStatisticsJson> {
      const message = { principal: toProto(principal), policyId: id };
      return policyStatisticsJson(valueFrom((await statistics.getPolicyStatistics(message)).outcome));
    },
  }),
  route({
    id: 'getStoreStatistics',
    tag: 'statistics',
    method: 'GET',
    paths: ['/api/v1/stores/:id/statistics'],
    summary: 'Read the statistics of a store',
    description:
      'The sums over the coupon policies of the store, for its OWNER and ADMIN. An hour counts for the store that the policy had then. Updated ' +
      'within seconds.',
    access: MANAGERS,
    scope: 'statistics:read',
    status: 200,
    response: { schema: StoreStatisticsView, example: STORE_STATISTICS_EXAMPLE },
    refusals: ['STORE_NOT_FOUND'],
    params: OneStore,
    async handle({ principal, params: { id } }): Promise<StoreStatisticsJson> {
      const message = { principal: toProto(principal), storeId: id };
      return storeStatisticsJson(valueFrom((await statistics.getStoreStatistics(message)).outcome));
    },
  }),
];
