import type { CouponQuote, CouponService, DirectoryService, QuoteCouponsResponse } from '../../contexts/coupon/api.ts';
import { bestFirst, USABLE_MAX } from '../../contexts/coupon/application/quote/quote-coupons.ts';
import { QUOTED_CODES_MAX, QUOTED_IDS_MAX } from '../../contexts/coupon/domain/limits.ts';
import { refusalIn } from '../../platform/kernel/refusal.ts';
import type { PolicyPlaces } from './policy-places.ts';
import type { ShardMap } from './shard-map.ts';
import { type OnShards, shardAt } from './sharded-api.ts';

type Request = Parameters<CouponService['quoteCoupons']>[0];

interface QuoteDeps {
  readonly map: ShardMap;
  readonly places: Pick<PolicyPlaces, 'refresh' | 'shardOf'>;
  readonly directory: Pick<DirectoryService, 'locateCodes'>;
}

/** Each shard quotes its coupons and codes; the quotes of all are in the order of one. */
export const quoteRoute =
  ({ map, places, directory }: QuoteDeps) =>
  async (request: Request, shards: OnShards<Request, QuoteCouponsResponse>): Promise<QuoteCouponsResponse> => {
    const { allUsable, couponIds, codes } = request;
    // A shard refuses it. Its parts could pass.
    if (couponIds.length > QUOTED_IDS_MAX || codes.length > QUOTED_CODES_MAX) return await shardAt(shards, 0)(request);
    const policyIds = codes.length === 0 ? [] : (await directory.locateCodes({ codes })).policyIds;
    await places.refresh();
    const parts = shards.map((_, shard) => ({
      ...request,
      couponIds: couponIds.filter((id) => map.shardOfId(id) === shard),
      codes: codes.filter((_code, index) => places.shardOf(policyIds[index] ?? 0n) === shard),
    }));
    const responses = await Promise.all(
      shards.map((shard, index) => {
        const part = shardAt(parts, index);
        // Shard 0 checks a request that names nothing.
        const isAsked = index === 0 || allUsable || part.couponIds.length > 0 || part.codes.length > 0;
        return isAsked ? shard(part) : undefined;
      }),
    );
    return merge(
      responses.filter((response) => response !== undefined),
      allUsable,
    );
  };

function merge(responses: readonly QuoteCouponsResponse[], allUsable: boolean): QuoteCouponsResponse {
  const refused = responses.find((response) => refusalIn(response) !== undefined);
  if (refused !== undefined) return refused;
  const found = responses.flatMap(({ outcome }) => (outcome?.$case === 'quotes' ? [outcome.value] : []));
  const all = found.flatMap(({ quotes }) => quotes);
  const kept = allUsable ? firstToExpire(all) : all;
  const hasMore = kept.length < all.length || found.some((each) => each.hasMore);
  return { outcome: { $case: 'quotes', value: { quotes: kept.toSorted(bestFirst), hasMore } } };
}

/** As one shard chooses them. Quotes of codes stay. */
function firstToExpire(quotes: readonly CouponQuote[]): readonly CouponQuote[] {
  const coupons = quotes.filter(({ couponId }) => couponId !== undefined);
  if (coupons.length <= USABLE_MAX) return quotes;
  const chosen = new Set(coupons.toSorted((a, b) => expiryOf(a) - expiryOf(b)).slice(0, USABLE_MAX));
  return quotes.filter((quote) => quote.couponId === undefined || chosen.has(quote));
}

const expiryOf = ({ terms }: CouponQuote): number => terms?.expiresAt?.getTime() ?? 0;
