import type { CouponService, DirectoryService } from '../../contexts/coupon/api.ts';
import { POLICY_IDS_MAX } from '../../contexts/coupon/application/queries/count-activity.ts';
import { dueLimit } from '../../contexts/coupon/application/queries/list-due-coupons.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import { PAGE_MAX } from '../../platform/kernel/pages.ts';
import { refusalIn } from '../../platform/kernel/refusal.ts';
import { countedReservations } from './counted-reservations.ts';
import { freeingCodes } from './free-codes.ts';
import { mergePages } from './merge-pages.ts';
import { mergeReservations } from './merge-reservations.ts';
import { newPolicyPlaces } from './new-policy-places.ts';
import type { PolicyPlaces } from './policy-places.ts';
import { quoteRoute } from './quote-route.ts';
import { claimingOrder, claimingReservation, reservationShard } from './reservation-claims.ts';
import type { ShardMap } from './shard-map.ts';
import { type OnShards, type Routes, shardAt, toAll, toShard } from './sharded-api.ts';

export interface CouponRoutesDeps {
  readonly map: ShardMap;
  readonly places: PolicyPlaces;
  /** Of shard 0. */
  readonly directory: DirectoryService;
  readonly clock: Clock;
  /** Of each shard. */
  readonly shards: readonly CouponService[];
}

/**
 * Where each operation of coupons goes. Ids of policies, coupons and jobs name their shard. A policy is created in the shard that
 * `newPolicyPlaces` chooses, and may be moved to another one before it has coupons. What a user has is in every shard.
 */
export function couponRoutes(deps: CouponRoutesDeps): Routes<CouponService> {
  const { map, places, directory, clock } = deps;
  const ofPolicy = <Request extends { readonly policyId: bigint }, Response>(
    request: Request,
    shards: OnShards<Request, Response>,
  ): Promise<Response> => places.send(request.policyId, request, shards);
  const ofCoupon = toShard(({ couponId }: { readonly couponId: bigint }) => map.shardOfId(couponId));
  const ofJob = <Request extends { readonly jobId: bigint }, Response>(
    request: Request,
    shards: OnShards<Request, Response>,
  ): Promise<Response> => places.sendJob(request.jobId, request, shards);
  const shardOfCode = async (code: string): Promise<number> => {
    const [policyId = 0n] = (await directory.locateCodes({ codes: [code] })).policyIds;
    await places.refresh();
    return places.shardOf(policyId);
  };
  const placeOf = newPolicyPlaces(map, clock);
  const ofReservation = reservationShard(deps);
  const counted = countedReservations(deps.shards);
  return {
    createPolicy: freeingCodes(deps, (request, shards) => shardAt(shards, placeOf(request))(request)),
    clonePolicy: freeingCodes(deps, ofPolicy),
    updatePolicy: freeingCodes(deps, ofPolicy),
    getPolicy: ofPolicy,
    changePolicyStatus: ofPolicy,
    setQuantity: ofPolicy,
    getStock: ofPolicy,
    isIssued: ofPolicy,
    issueCoupon: ofPolicy,
    directIssue: ofPolicy,
    listPolicyCoupons: ofPolicy,
    listHolders: ofPolicy,
    generateCodes: ofPolicy,
    listCodes: ofPolicy,
    withdrawCoupons: ofPolicy,
    openJob: ofPolicy,
    countReserved: ofPolicy,
    appendJobInput: ofJob,
    submitJob: ofJob,
    checkJob: ofJob,
    getJob: ofJob,
    listJobErrors: ofJob,
    getCoupon: ofCoupon,
    getRedemptionCode: ofCoupon,
    cancelCoupon: ofCoupon,
    restoreCoupon: ofCoupon,
    replayReservation: ofCoupon,
    replayUse: ofCoupon,
    useCoupon: claimingOrder(deps, ofCoupon),
    reserveCoupon: claimingReservation(deps, (request, shards) => counted(request, (each) => ofCoupon(each, shards))),
    countReservations: onlyInShards,
    endReservationCount: onlyInShards,
    releaseReservation: ofReservation,
    extendReservation: ofReservation,
    confirmReservation: ofReservation,
    async redeemCode(request, shards, wasTriedBefore) {
      const home = await shardOfCode(request.code);
      // Another policy may have the code since the first try, whose coupon is where its policy is. There the code is found no more, or its policy has ended:
      // the shard returns the first result, or refuses.
      for (const shard of wasTriedBefore ? shards.filter((_, index) => index !== home) : []) {
        const response = await shard(request);
        if (refusalIn(response) === undefined) return response;
      }
      return await shardAt(shards, home)(request);
    },
    validateCode: async (request, shards) => shardAt(shards, await shardOfCode(request.code))(request),
    quoteCoupons: quoteRoute(deps),
    async useAtCounter(request, shards) {
      // One after the other, as it is a command. The gateway does not have the secret of the codes, so it cannot read the coupon's id, which names the shard.
      let response = await shardAt(shards, 0)(request);
      for (const shard of shards.slice(1)) {
        if (refusalIn(response)?.code !== 'COUPON_CODE_NOT_FOUND') break;
        response = await shard(request);
      }
      return response;
    },
    listPolicies: toAll((pages, { page }) => {
      const own = pages.map(({ policies: rows, nextCursor }) => ({ rows, nextCursor }));
      const { rows: policies, nextCursor } = mergePages(own, page, ({ id }) => id);
      return { policies, nextCursor };
    }),
    listUserCoupons: toAll((pages, { page }) => {
      const own = pages.map(({ coupons: rows, nextCursor }) => ({ rows, nextCursor }));
      const { rows: coupons, nextCursor } = mergePages(own, page, ({ coupon }) => coupon?.id ?? 0n);
      return { coupons, nextCursor };
    }),
    listExpiringCoupons: toAll((lists, { limit }) => ({
      coupons: lists
        .flatMap(({ coupons }) => coupons)
        .toSorted((a, b) => expiryOf(a) - expiryOf(b))
        .slice(0, Math.min(Math.max(limit, 1), PAGE_MAX)),
    })),
    getUserStatistics: toAll((shares) => ({
      totalCoupons: sum(shares, ({ totalCoupons }) => totalCoupons),
      availableCoupons: sum(shares, ({ availableCoupons }) => availableCoupons),
      usedCoupons: sum(shares, ({ usedCoupons }) => usedCoupons),
      expiredCoupons: sum(shares, ({ expiredCoupons }) => expiredCoupons),
      totalSavedAmount: shares.reduce((total, { totalSavedAmount }) => total + totalSavedAmount, 0n),
    })),
    getReservation: toAll(mergeReservations),
    countActivity: toAll((shares) => ({ activity: shares.flatMap(({ activity }) => activity) })),
    listDueCoupons: toAll((pages, { limit }) => {
      const all = pages
        .flatMap(({ coupons }) => coupons)
        .toSorted((a, b) => dueMs(a) - dueMs(b) || (a.couponId < b.couponId ? -1 : 1));
      const most = dueLimit(limit);
      return { coupons: all.slice(0, most), hasMore: all.length > most || pages.some(({ hasMore }) => hasMore) };
    }),
    listUnusedCoupons: toAll((lists) => ({ couponIds: lists.flatMap(({ couponIds }) => couponIds) })),
    listPolicyIds: toAll((lists) => ({
      policyIds: lists
        .flatMap(({ policyIds }) => policyIds)
        .toSorted((a, b) => (a > b ? -1 : 1))
        .slice(0, POLICY_IDS_MAX),
    })),
  };
}

/** Stands for an operation that the router makes of calls to each shard: no caller of the router may use it. */
const onlyInShards = (): never => {
  throw new Error('this operation is of one shard');
};

const expiryOf = ({ coupon }: { readonly coupon: { readonly expiresAt: Date | undefined } | undefined }): number =>
  coupon?.expiresAt?.getTime() ?? 0;

const dueMs = ({ expiresAt }: { readonly expiresAt: Date | undefined }): number => expiresAt?.getTime() ?? 0;

const sum = <Share>(shares: readonly Share[], of: (share: Share) => number): number =>
  shares.reduce((total, share) => total + of(share), 0);
