import type {
  ListDueCouponsRequest,
  ListDueCouponsResponse,
  ListUnusedCouponsRequest,
  ListUnusedCouponsResponse,
} from '../../api.ts';
import type { UnusedReader } from './ports.ts';

/** Coupons of a page; some 100 bytes each. */
const DUE_MAX = 5_000;

export const dueLimit = (limit: number): number => Math.min(Math.max(limit, 1), DUE_MAX);

export const listDueCoupons =
  (reader: Pick<UnusedReader, 'due'>) =>
  async ({ from, to, after, limit }: ListDueCouponsRequest): Promise<ListDueCouponsResponse> => {
    if (!from || !to) throw new Error('listDueCoupons needs from and to');
    const most = dueLimit(limit);
    const position = after?.expiresAt && { expiresAt: after.expiresAt, couponId: after.couponId };
    const found = await reader.due({ from, to, after: position, limit: most + 1 });
    return { coupons: found.slice(0, most), hasMore: found.length > most };
  };

export const listUnusedCoupons =
  (reader: Pick<UnusedReader, 'unusedOf'>) =>
  async ({ couponIds }: ListUnusedCouponsRequest): Promise<ListUnusedCouponsResponse> => {
    // Those that are left out would count as used.
    if (couponIds.length > DUE_MAX) throw new RangeError(`more than ${DUE_MAX} coupons in one request`);
    return { couponIds: await reader.unusedOf(couponIds) };
  };
