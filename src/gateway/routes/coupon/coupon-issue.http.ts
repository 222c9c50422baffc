import { z } from 'zod';
import type { Coupon, CouponService, IssueCouponRequest } from '../../../contexts/coupon/api.ts';
import type { EarlierKeys } from '../../idempotency/earlier-keys.ts';
import { KeyedCall, scopeOf } from '../../idempotency/keyed-call.ts';
import type { KeysInFlight } from '../../idempotency/keys-in-flight.ts';
import type { OpeningRetries } from '../../limits/opening-retries.ts';
import { hotResponse } from '../../server/hot-route.ts';
import { pathOf } from '../../server/request.ts';
import { type HotInput, type HotResponse, operationOf, type Route, route } from '../../server/route.ts';
import {
  BodyId,
  BodyUserId,
  IdText,
  InstantText,
  isPathId,
  PathId,
  requiredInstant,
  UserIdText,
} from '../../server/schemas.ts';
import { CouponStatus } from './user-coupon.schemas.ts';

export interface IssueDeps {
  readonly coupon: Pick<CouponService, 'issueCoupon'>;
  /** Returns whether memory refuses every request for this policy. Then an overloaded node sends that refusal instead of 503. */
  readonly isClosed: (policyId: bigint) => boolean;
  readonly earlierKeys: EarlierKeys;
  readonly keysInFlight: KeysInFlight;
  /** Undefined: limits are off. */
  readonly openingRetries: OpeningRetries | undefined;
}

const OnePolicy = z.strictObject({ policyId: PathId });
const IssueBody = z.strictObject({ userId: BodyUserId.optional() }).optional();
const IssueAnyBody = z.strictObject({ policyId: BodyId, userId: BodyUserId.optional() });

const IssuedCoupon = z
  .strictObject({
    couponId: IdText,
    couponPolicyId: IdText,
    ...UserIdText,
    status: CouponStatus,
    sequenceNo: z.int().positive(),
    issuedAt: InstantText,
    expiresAt: InstantText,
  })
  .meta({ id: 'IssuedCoupon' });

const ISSUE_REFUSALS = [
  'POLICY_NOT_FOUND',
  'POLICY_INACTIVE',
  'POLICY_NOT_STARTED',
  'POLICY_ENDED',
  'POLICY_SUSPENDED',
  'COUPON_SOLD_OUT',
  'COUPON_NOT_AVAILABLE',
  'COUPON_ALREADY_ISSUED',
  'COUPON_ISSUE_LIMIT_EXCEEDED',
] as const;

const POLICY_PATHS = ['/api/v1/coupons/policies/:policyId/issue', '/api/coupons/policies/:policyId/issue'];
/** All paths of issuing are one operation and share their keys. */
const OPERATION = operationOf({ method: 'POST', paths: POLICY_PATHS });

const ISSUE_ROUTE = {
  tag: 'coupons',
  method: 'POST',
  summary: 'Issue a coupon',
  description:
    'FIRST_COME and DOWNLOAD policies. Idempotent by nature: a repeat gets COUPON_ALREADY_ISSUED with the coupon. ' +
    'Exempt from the general limit, except for requests with ever new keys or for several policies.',
  access: 'ANY_TOKEN',
  scope: 'coupons:issue',
  addsUsers: true,
  hot: true,
  status: 201,
  idempotent: true,
  // The hottest route: a counter in PostgreSQL for each request would cost more than the issue.
  unlimited: true,
  response: {
    schema: IssuedCoupon,
    example: {
      couponId: '7330011234567891',
      couponPolicyId: '7330011234567890',
      userId: '1001',
      status: 'ISSUED',
      sequenceNo: 1,
      issuedAt: '2035-01-01T01:00:00.123Z',
      expiresAt: '2035-01-31T01:00:00.123Z',
    },
  },
  refusals: ISSUE_REFUSALS,
} as const;

export const couponIssueRoutes = (deps: IssueDeps): readonly Route[] => [
  route({
    ...ISSUE_ROUTE,
    id: 'issueCoupon',
    paths: POLICY_PATHS,
    params: OnePolicy,
    body: IssueBody,
    bodyExample: {},
    bypassesShedding: (id) => isPathId(id) && deps.isClosed(BigInt(id)),
    handle: (input) => issueFor(deps, input, input.params.policyId),
  }),
  route({
    ...ISSUE_ROUTE,
    id: 'issueCouponByPolicyId',
    summary: 'Issue a coupon of the policy that the body names',
    paths: ['/api/v1/coupons/issue', '/api/coupons/issue'],
    body: IssueAnyBody,
    bodyExample: { policyId: '7330011234567890' },
    handle: (input) => issueFor(deps, input, input.body.policyId),
  }),
];

type IssueInput = Pick<
  HotInput<undefined, undefined, true>,
  'principal' | 'userId' | 'key' | 'audit' | 'path' | 'request'
>;

async function issueFor(deps: IssueDeps, { userId, ...input }: IssueInput, policyId: bigint): Promise<HotResponse> {
  const { principal, key, request } = input;
  const counting = deps.openingRetries?.({ principal, userId, policyId, key, origin: request });
  if (counting !== undefined) await counting;
  const command = { policyId, userId };
  const isPlain = key === undefined && input.audit === undefined;
  return isPlain ? await issue(deps, command) : await issueWithKey(deps, command, input);
}

const issue = async ({ coupon }: IssueDeps, command: IssueCouponRequest): Promise<HotResponse> =>
  hotResponse(await coupon.issueCoupon(command), couponJson);

/** With a key the 201 is kept and repeated; refusals are not, for they may end (more stock, a later time). */
async function issueWithKey(
  deps: IssueDeps,
  command: IssueCouponRequest,
  { principal, key, audit, path: template, request }: Omit<IssueInput, 'userId'>,
): Promise<HotResponse> {
  if (key !== undefined && deps.earlierKeys.mayExist()) {
    const [route, path] = [`POST ${template}`, pathOf(request.url)];
    const earlier = await deps.earlierKeys.find({ principal, route, key, path, body: request.body });
    if (earlier) return { status: earlier.status, text: earlier.body, replayed: true };
  }
  const call = new KeyedCall(scopeOf(principal, OPERATION), key, command, audit);
  return await deps.keysInFlight.run(call.place, () => issue(deps, { ...command, commandKey: call.takeCommandKey() }));
}

/** Formats instants like `requiredInstant`, and the same one again without work: the coupons of a batch are issued, and mostly expire, at the same moment. */
function repeatedInstant(): typeof requiredInstant {
  let lastMs = Number.NaN;
  let text = '';
  return (date) => {
    const ms = date?.getTime() ?? Number.NaN;
    if (ms !== lastMs) {
      text = requiredInstant(date);
      lastMs = ms;
    }
    return text;
  };
}
const issuedInstant = repeatedInstant();
const expiryInstant = repeatedInstant();

/** Concatenated: every value is digits, a fixed word or an instant, so nothing in it can need escaping. Throws when one is absent. */
export function couponJson(coupon: Coupon): string {
  return (
    `{"couponId":"${coupon.id}","couponPolicyId":"${coupon.policyId}","userId":"${coupon.userId}"` +
    `,"status":"${coupon.status}","sequenceNo":${coupon.sequenceNo}` +
    `,"issuedAt":"${issuedInstant(coupon.issuedAt)}","expiresAt":"${expiryInstant(coupon.expiresAt)}"}`
  );
}
