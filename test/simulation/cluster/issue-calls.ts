import type { IssueCouponResponse } from '../../../src/contexts/coupon/api.ts';

/** A call of a node, from its arrival there. One whose process ends stays unknown. */
interface Call {
  readonly policyId: bigint;
  readonly userId: bigint;
  /** Its idempotency key. Calls of a user with the same key are one request. */
  readonly key: string | undefined;
  outcome: 'unknown' | 'refused' | { readonly couponId: bigint };
}

/** What became of every call of every node, whether its caller got the response or not. */
export interface IssueCalls {
  begin(policyId: bigint, userId: bigint, key: string | undefined): Call;
  /** The node responds. A refusal names a coupon that another call has issued, or may have: otherwise the request itself got a false failure. */
  end(call: Call, response: IssueCouponResponse): void;
}

export function issueCalls(complain: (problem: string) => void): IssueCalls {
  const calls: Call[] = [];

  function isOfAnother(call: Call, couponId: bigint): boolean {
    return calls.some((other) => {
      if (other === call || other.policyId !== call.policyId || other.userId !== call.userId) return false;
      if (other.key !== undefined && other.key === call.key) return false;
      return other.outcome === 'unknown' || (other.outcome !== 'refused' && other.outcome.couponId === couponId);
    });
  }

  return {
    begin(policyId, userId, key) {
      const call: Call = { policyId, userId, key, outcome: 'unknown' };
      calls.push(call);
      return call;
    },
    end(call, { outcome }) {
      if (outcome?.$case === 'coupon') call.outcome = { couponId: outcome.value.id };
      else call.outcome = 'refused';
      const named = outcome?.$case === 'refusal' ? outcome.value.details['couponId'] : undefined;
      if (named !== undefined && !isOfAnother(call, BigInt(named)))
        complain(`user ${call.userId} was refused with coupon ${named}, which the same request issued`);
    },
  };
}
