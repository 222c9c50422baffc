import type { CouponService, IssueCouponResponse } from '../../../src/contexts/coupon/api.ts';
import type { CommandKey } from '../../../src/platform/kernel/command-key.ts';
import { Unavailable } from '../../../src/platform/kernel/refusal.ts';
import type { Owner } from '../kernel.ts';
import { type CouponNode, refreshedSinceMs } from './coupon-node.ts';
import type { Gateway } from './gateway.ts';
import type { Cluster } from './world.ts';

/** A coupon that a response gave to a user. */
export interface Acknowledged {
  readonly policyId: bigint;
  readonly userId: bigint;
  readonly couponId: bigint;
  readonly sequenceNo: number;
  readonly key: string | undefined;
  /** When the request was sent for the first time. */
  readonly sentMs: number;
  readonly answeredMs: number;
}

/** What a customer sends, once or several times. */
export interface CustomerRequest {
  readonly policyId: bigint;
  readonly userId: bigint;
  /** An idempotency key. Undefined: each time it is sent is a request of its own. */
  readonly key?: string | undefined;
}

export interface Customers {
  readonly acknowledged: Acknowledged[];
  /** How often each outcome was, so that a run in which little happened is not taken for a proof. */
  readonly outcomes: Map<string, number>;
  /** Sends a request to one of the entrances. Returns undefined without a response. */
  request(request: CustomerRequest): Promise<'coupon' | 'refusal' | undefined>;
}

/** What takes requests from customers. */
export type Entrance =
  | Pick<Gateway, 'owner' | 'issueCoupon'>
  | { readonly owner: Owner; readonly api: CouponNode['api'] };

const CUSTOMERS: Owner = { name: 'customer', status: 'UP' };
const RESPONSE_MS = 12_000;
/** How old a refusal may be. */
const AGE_MAX_MS = 1_000;
/** Of crystals, over the second. */
const DRIFT_MS = 2;

export function customersOf(cluster: Cluster, entrances: () => readonly Entrance[]): Customers {
  const { kernel, network, history, complain } = cluster;
  const { chance } = kernel;
  const acknowledged: Acknowledged[] = [];
  const outcomes = new Map<string, number>();
  const sentKeys = new Map<string, { readonly firstMs: number; readonly bodies: Set<bigint> }>();

  function firstSent({ policyId, userId }: CustomerRequest, key: string, nowMs: number): number {
    const sent = sentKeys.get(placeOf(userId, key)) ?? { firstMs: nowMs, bodies: new Set() };
    sent.bodies.add(policyId);
    sentKeys.set(placeOf(userId, key), sent);
    return sent.firstMs;
  }

  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

  async function send({ policyId, userId, key }: CustomerRequest): Promise<IssueCouponResponse | undefined> {
    const entrance = chance.of(entrances());
    const issue: CouponService['issueCoupon'] = 'api' in entrance ? entrance.api.issueCoupon : entrance.issueCoupon;
    const { promise, resolve } = Promise.withResolvers<IssueCouponResponse | undefined>();
    const cancel = kernel.schedule(CUSTOMERS, kernel.clock() + RESPONSE_MS, () => resolve(undefined));
    void (async () => {
      await network.carry(CUSTOMERS, entrance.owner);
      const keyed = key === undefined ? '' : `, key ${key}`;
      kernel.say(entrance.owner.name, () => `user ${userId} requests a coupon of policy ${policyId}${keyed}`);
      const response = await issue({ policyId, userId, commandKey: commandKeyOf({ policyId, userId, key }) }).catch(
        (error: unknown) => {
          if (!(error instanceof Unavailable)) complain(`user ${userId}: ${String(error)}`);
          return undefined;
        },
      );
      kernel.say(entrance.owner.name, () => `user ${userId}, policy ${policyId} -> ${textOf(response)}${keyed}`);
      if (chance.happens(cluster.trouble().loseResponse)) return;
      await network.carry(entrance.owner, CUSTOMERS);
      cancel();
      resolve(response);
    })();
    return await promise;
  }

  function checkRefusal(
    { policyId, userId, key }: CustomerRequest,
    response: IssueCouponResponse,
    sentMs: number,
  ): void {
    const refusal = response.outcome?.$case === 'refusal' ? response.outcome.value : undefined;
    if (!refusal) return;
    if (refusal.code === 'IDEMPOTENCY_KEY_REUSED') {
      const bodies = key === undefined ? undefined : sentKeys.get(placeOf(userId, key))?.bodies;
      if ((bodies?.size ?? 0) < 2) complain(`user ${userId}: key ${key} was sent with one body, and was refused`);
      return;
    }
    const fromMs = Math.min(sentMs, refreshedSinceMs.get(response) ?? sentMs) - AGE_MAX_MS - DRIFT_MS;
    const { couponId, sequenceNo } = refusal.details;
    const isTrue =
      couponId === undefined
        ? history.wasClosed(policyId, userId, refusal.code, fromMs)
        : history.wasHeld(policyId, userId, BigInt(couponId), Number(sequenceNo), fromMs);
    if (isTrue) return;
    const ageMs = kernel.clock() - fromMs;
    complain(`user ${userId} was refused with ${refusal.code} ${couponId ?? ''}, untrue for the last ${ageMs} ms`);
  }

  return {
    acknowledged,
    outcomes,
    async request(request) {
      const { policyId, userId, key } = request;
      const sentMs = kernel.clock();
      const firstSentMs = key === undefined ? sentMs : firstSent(request, key, sentMs);
      const response = await send(request);
      if (response?.outcome === undefined) {
        count('no response');
        return undefined;
      }
      const { $case, value } = response.outcome;
      if ($case === 'coupon') {
        count('coupon');
        const { id: couponId, sequenceNo } = value;
        if (response.replayed) count('replay');
        const coupon = { policyId, userId, couponId, sequenceNo };
        acknowledged.push({ ...coupon, key, sentMs: firstSentMs, answeredMs: kernel.clock() });
        return 'coupon';
      }
      count(value.code);
      checkRefusal(request, response, sentMs);
      return 'refusal';
    },
  };
}

const placeOf = (userId: bigint, key: string): string => `${scopeOf(userId)} ${key}`;
export const scopeOf = (userId: bigint): string => `user ${userId}`;

/** The body of a request is its policy. */
const commandKeyOf = ({ policyId, userId, key }: CustomerRequest): CommandKey | undefined =>
  key === undefined
    ? undefined
    : { scope: scopeOf(userId), key, requestHash: Buffer.from(String(policyId)), audit: undefined };

function textOf(response: IssueCouponResponse | undefined): string {
  if (response?.outcome === undefined) return 'no response';
  const { $case, value } = response.outcome;
  return $case === 'coupon'
    ? `coupon ${value.id}, number ${value.sequenceNo}`
    : `${value.code} ${value.details['couponId'] ?? ''}`;
}
