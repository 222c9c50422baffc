import type { Clock } from '../../../../platform/kernel/clock.ts';
import { cursorOf, PAGE_DEFAULT, PAGE_MAX } from '../../../../platform/kernel/pages.ts';
import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { Coupon, ListPolicyCouponsRequest, ListPolicyCouponsResponse } from '../../api.ts';
import { COUPON_STATUSES } from '../../domain/enumerations.ts';
import { COUNT_MAX } from '../../domain/limits.ts';
import type { WithdrawalStore } from '../jobs/ports.ts';
import { type ManagedPolicies, policyManagerOf } from '../policy/policy-manager.ts';
import type { PolicyCoupons } from './ports.ts';

/** Of an export, which asks for more than a page of a list has. */
const EXPORT_PAGE_MAX = 5_000;
/**
 * Coupons that one page with a status looks at: some 20 ms. There is no index by status, because it would have to be written with every
 * coupon that is issued.
 */
const LOOKED_AT_MAX = 50_000;

/**
 * The coupons of a policy, the latest first, for those who may manage it. A page with a status ends after LOOKED_AT_MAX coupons, so it may
 * have fewer coupons than its limit, or none, and still a next one. An invalid cursor and an unknown status give an empty page.
 */
export const listPolicyCoupons =
  (
    managed: ManagedPolicies,
    coupons: PolicyCoupons,
    sequences: Pick<WithdrawalStore, 'lastSequenceNo'>,
    clock: Clock,
  ) =>
  async (request: ListPolicyCouponsRequest): Promise<ListPolicyCouponsResponse> => {
    const { principal, policyId, page, userId } = request;
    const manager = await policyManagerOf(managed, principal, policyId);
    if (isRefusal(manager)) return toRefusalResponse(manager);
    const limit = Math.min(Math.max(page?.limit || PAGE_DEFAULT, 1), EXPORT_PAGE_MAX);
    const cursor = readCursor(cursorOf(page));
    const status = COUPON_STATUSES.find((each) => each === request.status);
    if (cursor === 'invalid' || (request.status !== undefined && status === undefined)) return toResponse([]);
    // Sequence numbers have no gaps, so a range of them is a number of coupons.
    const before = cursor ?? (await sequences.lastSequenceNo(policyId)) + 1;
    const from = status === undefined || userId !== undefined ? 1 : Math.max(1, before - LOOKED_AT_MAX);
    const range = { from, before, limit: limit + 1, isExport: limit > PAGE_MAX };
    const found = await coupons.list({ policyId, userId, status, now: new Date(clock()), ...range });
    const last = found.length > limit ? found[limit - 1]?.sequenceNo : undefined;
    return toResponse(found.slice(0, limit), last ?? (from > 1 ? from : undefined));
  };

const toResponse = (coupons: Coupon[], next?: number): ListPolicyCouponsResponse => ({
  outcome: { $case: 'coupons', value: { coupons, nextCursor: next === undefined ? undefined : writeCursor(next) } },
});

const writeCursor = (sequenceNo: number): string => Buffer.from(String(sequenceNo), 'latin1').toString('base64url');

function readCursor(cursor: string | undefined): number | undefined | 'invalid' {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  return /^\d{1,10}$/.test(text) && Number(text) <= COUNT_MAX ? Number(text) : 'invalid';
}
