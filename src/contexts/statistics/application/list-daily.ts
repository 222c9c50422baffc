import { isOperator } from '../../../platform/kernel/operator.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type { ListDailyRequest, ListDailyResponse } from '../api.ts';
import { countDays } from '../domain/days.ts';
import { refuse } from '../refusals.ts';
import { ownPolicy } from './own-policy.ts';
import { cutPage, readPage } from './pages.ts';
import type { Sources, StatisticsStore } from './ports.ts';

export const DAYS_MAX = 366;

export interface ListDeps extends Sources {
  readonly store: StatisticsStore;
}

/** By day and policy. A cursor that is not ours gives an empty page. */
export const listDaily =
  (deps: ListDeps) =>
  async (request: ListDailyRequest): Promise<ListDailyResponse> => {
    const { from, to, storeId } = request;
    const days = countDays(from, to);
    if (days === undefined)
      return toRefusalResponse(refuse('VALIDATION_FAILED', { from: 'from and to must be days, in order' }));
    if (days > DAYS_MAX) return toRefusalResponse(refuse('VALIDATION_FAILED', { to: `at most ${DAYS_MAX} days` }));
    const policyIds = await policiesOf(deps, request);
    if (policyIds !== undefined && 'code' in policyIds) return toRefusalResponse(policyIds);
    const page = readPage(request.page);
    if (!page) return { outcome: { $case: 'days', value: { days: [], nextCursor: undefined } } };
    const { limit, after } = page;
    const found = await deps.store.listDays({ from, to, policyIds, storeId, after, limit: limit + 1 });
    return { outcome: { $case: 'days', value: cutPage(found, limit) } };
  };

/** Whose days are listed: undefined = every policy's. */
async function policiesOf(
  { coupon, stores }: ListDeps,
  { principal, policyId }: ListDailyRequest,
): Promise<readonly bigint[] | undefined | Refusal> {
  if (policyId !== undefined) {
    const policy = await ownPolicy({ coupon, stores }, principal, policyId);
    return isRefusal(policy) ? policy : [policyId];
  }
  if (isOperator(principal?.role)) return undefined;
  if (principal?.role !== 'OWNER') return refuse('FORBIDDEN');
  const { storeIds } = await stores.listOwnStores({ userId: principal.userId });
  return (await coupon.listPolicyIds({ storeIds: [...storeIds] })).policyIds;
}
