import type { ListHoldersRequest, ListHoldersResponse } from '../../api.ts';
import type { HolderReader } from './ports.ts';

const PAGE_MAX = 5_000;

/** Pages by sequence numbers, which have no gaps: each looks at as many coupons as its limit, whatever became of them. */
export const listHolders =
  (holders: HolderReader) =>
  async ({ policyId, after, limit }: ListHoldersRequest): Promise<ListHoldersResponse> => {
    const to = after + Math.min(Math.max(limit, 1), PAGE_MAX);
    const { userIds, issued } = await holders.between(policyId, after, to);
    // Never beyond what is issued: coupons that are issued later belong to a later page.
    const next = Math.max(after, Math.min(to, issued));
    return { userIds: [...userIds], next, hasMore: next < issued, issued };
  };
