import type { CouponService, DirectoryService } from '../../contexts/coupon/api.ts';
import { normalizeCode } from '../../contexts/coupon/domain/codes/code.ts';
import { type ContextResponse, refusalIn } from '../../platform/kernel/refusal.ts';
import type { PolicyPlaces } from './policy-places.ts';
import type { OnShards } from './sharded-api.ts';

interface WithCode {
  readonly code?: string | undefined;
  readonly terms?: { readonly code?: string | undefined } | undefined;
}

/**
 * A policy whose code is taken is created again after the code was freed: the policy in another shard that had it has ended, or never
 * stored it. A code of the same shard is freed by the shard itself.
 */
export const freeingCodes =
  <Request extends WithCode, Response extends ContextResponse<unknown>>(
    { shards: apis, directory, places }: FreeCodesDeps,
    route: (request: Request, shards: OnShards<Request, Response>) => Promise<Response>,
  ) =>
  async (request: Request, shards: OnShards<Request, Response>): Promise<Response> => {
    const response = await route(request, shards);
    const code = request.code ?? request.terms?.code;
    if (code === undefined || refusalIn(response)?.code !== 'DUPLICATE_COUPON_CODE') return response;
    return (await free(code)) ? await route(request, shards) : response;

    async function free(typed: string): Promise<boolean> {
      const [policyId = 0n] = (await directory.locateCodes({ codes: [typed] })).policyIds;
      if (policyId === 0n) return true;
      const { outcome } = await places.send(
        policyId,
        { policyId },
        apis.map(({ getPolicy }) => getPolicy),
      );
      const policy = outcome?.$case === 'policy' ? outcome.value : undefined;
      const hasEnded = policy?.status === 'ENDED';
      const itsCode = policy?.terms?.code;
      if (!hasEnded && itsCode !== undefined && normalizeCode(itsCode) === normalizeCode(typed)) return false;
      return (await directory.freeCode({ code: typed, policyId, hasEnded })).freed;
    }
  };

export interface FreeCodesDeps {
  /** Of each shard. */
  readonly shards: readonly Pick<CouponService, 'getPolicy'>[];
  readonly directory: Pick<DirectoryService, 'locateCodes' | 'freeCode'>;
  readonly places: Pick<PolicyPlaces, 'send'>;
}
