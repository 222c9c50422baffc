import type { CouponService } from '../../contexts/coupon/api.ts';
import { type KnownRefusals, knownRefusals } from '../../contexts/coupon/module.ts';
import type { ServiceApi } from '../../platform/grpc/contract.ts';
import type { Dialled } from '../../platform/grpc/dial.ts';
import type { ServiceTokens } from '../../platform/grpc/service-tokens.ts';
import { watchFacts } from './coupon-facts.ts';

/** What the gateway knows of each shard of coupon, by which it refuses itself. */
export interface GatewayFacts {
  /** Returns the API of the next shard, from shard 0 on, that refuses what is known to be refused there. */
  guard(api: ServiceApi, shard: Dialled): ServiceApi;
  /** Are all users without a coupon of this policy refused? */
  isClosed(shard: number, policyId: bigint): boolean;
  stop(): void;
}

export function gatewayFacts(tokens: ServiceTokens): GatewayFacts {
  const facts: KnownRefusals[] = [];
  const stopWatching: (() => void)[] = [];
  return {
    guard(api, { openStream }) {
      const { issueCoupon } = api as unknown as CouponService;
      const token = tokens.signer('gateway', 'coupon');
      const known = knownRefusals(() => performance.now());
      facts.push(known);
      stopWatching.push(watchFacts(known, (path, contract) => openStream(path, contract, token)));
      return { ...api, issueCoupon: known.guard(issueCoupon) };
    },
    isClosed: (shard, policyId) => facts[shard]?.isClosed(policyId) ?? false,
    stop() {
      for (const stop of stopWatching) stop();
    },
  };
}
