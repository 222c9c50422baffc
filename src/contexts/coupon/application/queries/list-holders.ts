import type { ListHoldersRequest, ListHoldersResponse } from '../../api.ts';
import type { HolderReader } from './ports.ts';

const PAGE_MAX = 5_000;

/** Pages by sequence numbers, which have no gaps: each looks at as many coupons as its limit, whatever became of them. */
export const listHolders =
  (holders: HolderReader) =>
  async ({ policyId, after, limit }: ListHoldersRequest): Promise<ListHoldersResponse> => {
    const next = after + Math.min(Math.max(limit, 1), PAGE_MAX);
    const { userIds, issued } = await holders.between(policyId, after, next);
    return { userIds: [...userIds], next, hasMore: next < issued, issued };
  };
