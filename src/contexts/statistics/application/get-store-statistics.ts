import { isRefusal, toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { findStore, managerOf, managesStore } from '../../store/api.ts';
import type { GetStoreStatisticsRequest, GetStoreStatisticsResponse } from '../api.ts';
import { usageRateBp } from '../domain/hours.ts';
import { refuse } from '../refusals.ts';
import { DAYS_MAX, type ListDeps } from './list-daily.ts';

/** The figures of a store for its owner and for operators. To others it is missing, so that others do not learn whose it is. */
export const getStoreStatistics =
  ({ stores, store }: Pick<ListDeps, 'stores' | 'store'>) =>
  async ({ principal, storeId }: GetStoreStatisticsRequest): Promise<GetStoreStatisticsResponse> => {
    const [standing, manager] = await Promise.all([findStore(stores, storeId), managerOf(stores, principal)]);
    if (isRefusal(standing)) return toRefusalResponse(standing);
    if (!managesStore(manager, storeId)) return toRefusalResponse(refuse('STORE_NOT_FOUND'));
    const [counts, days] = await Promise.all([store.sumOfStore(storeId), store.daysOfStore(storeId, DAYS_MAX)]);
    const value = { storeId, counts, usageRateBp: usageRateBp(counts), days: [...days] };
    return { outcome: { $case: 'statistics', value } };
  };
