import type { Registry } from 'prom-client';
import type { CouponService, DirectoryService } from '../../contexts/coupon/api.ts';
import { directoryContract } from '../../contexts/coupon/module.ts';
import { isFinalPointRefusal, type PointService } from '../../contexts/point/api.ts';
import { callGuard } from '../../platform/grpc/breaker.ts';
import type { ServiceApi } from '../../platform/grpc/contract.ts';
import type { ContextName, Part } from '../parts.ts';
import type { ProcessService } from '../process-service.ts';
import { couponRoutes } from '../shards/coupon-routes.ts';
import { pointRoutes } from '../shards/point-routes.ts';
import { policyPlaces } from '../shards/policy-places.ts';
import { type ShardMap, type ShardMaps, serviceNameOf } from '../shards/shard-map.ts';
import { shardAt, shardedApi, type WhileClaimed } from '../shards/sharded-api.ts';
import { CLAIM_CALL_MS, whileKeyClaimed } from '../shards/while-key-claimed.ts';
import type { ServiceAt } from './connect.ts';
import { PROCESS_CONTRACT } from './process-contract.ts';

/** Makes one API of those of the shards of a context (ADR 64). */
export interface ShardRouters {
  /** Returns the API of the context for a caller. `shards`: those of its shards for that caller. */
  route(name: ContextName, caller: Part, shards: readonly ServiceApi[]): ServiceApi;
  /** Returns where the gateway sends requests about a policy. */
  shardOfPolicy(policyId: bigint): number;
}

export interface ShardRoutersOptions {
  /** Of the contexts with several shards. */
  readonly maps: ShardMaps;
  readonly serviceAt: ServiceAt;
  readonly metrics: Registry;
}

type ClaimsOf = (name: ContextName, caller: Part, map: ShardMap) => WhileClaimed | undefined;

export async function shardRouters({ maps, serviceAt, metrics }: ShardRoutersOptions): Promise<ShardRouters> {
  const { coupon, point } = maps;
  /** Only the gateway sends keys. */
  const claimsOf: ClaimsOf = (name, caller, map) =>
    caller === 'gateway' ? whileKeyClaimed(map, keyClaimers(name, caller, map)) : undefined;
  const keyClaimers = (name: ContextName, caller: Part, map: ShardMap): readonly ProcessService[] =>
    Array.from({ length: map.shards }, (_, shard) => {
      const guard = callGuard({ context: `${serviceNameOf(name, shard)} keys`, metrics });
      return serviceAt(name, PROCESS_CONTRACT, caller, { shard, callMs: CLAIM_CALL_MS, guard }) as ProcessService;
    });
  const routeCoupon = coupon === undefined ? undefined : await couponRouter(coupon, serviceAt, claimsOf);
  return {
    route(name, caller, shards) {
      if (name === 'coupon' && routeCoupon !== undefined) return routeCoupon.route(caller, shards);
      if (name === 'point' && point !== undefined)
        return shardedApi(
          pointRoutes(point),
          shards as unknown as readonly PointService[],
          claimsOf(name, caller, point),
          isFinalPointRefusal,
        ) as unknown as ServiceApi;
      return shardAt(shards, 0);
    },
    shardOfPolicy: (policyId) => routeCoupon?.shardOfPolicy(policyId) ?? 0,
  };
}

/** The directory of shard 0 says where policies and names are; each caller calls it as itself. */
async function couponRouter(map: ShardMap, serviceAt: ServiceAt, claimsOf: ClaimsOf) {
  const contract = await directoryContract();
  let shardOfPolicy = (policyId: bigint): number => map.shardOfId(policyId);
  return {
    route(caller: Part, apis: readonly ServiceApi[]): ServiceApi {
      const directory = serviceAt('coupon', contract, caller, { batched: ['locateCodes'] }) as DirectoryService;
      const places = policyPlaces(directory, map, Date.now);
      if (caller === 'gateway') shardOfPolicy = places.shardOf;
      const shards = apis as unknown as readonly CouponService[];
      const routes = couponRoutes({ map, places, directory, clock: Date.now, shards });
      return shardedApi(routes, shards, claimsOf('coupon', caller, map)) as unknown as ServiceApi;
    },
    shardOfPolicy: (policyId: bigint): number => shardOfPolicy(policyId),
  };
}
