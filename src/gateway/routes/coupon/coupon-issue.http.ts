import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Coupon, CouponService, IssueCouponRequest } from '../../../contexts/coupon/api.ts';
import { subjectOf } from '../../auth/principal.ts';
import { type EarlierKeys, type KeyedRequest, readIdempotencyKey } from '../../idempotency/idempotency.ts';
import { KeyedCall, scopeOf } from '../../idempotency/keyed-call.ts';
import {
  type HotDeps,
  type HotHandler,
  type HotRequest,
  type HotResponse,
  hotRoutes,
  parsedBody,
} from '../../server/hot-route.ts';
import type { OperationSpec } from '../../server/operation.ts';
import { pathOf } from '../../server/request.ts';
import { BodyId, IdText, InstantText, isPathId, PathId } from '../../server/schemas.ts';

/** Issuing is the hottest route; the general limit does not apply to it. */
export interface IssueDeps extends Omit<HotDeps, 'limits'> {
  readonly coupon: Pick<CouponService, 'issueCoupon'>;
  /** Returns whether memory refuses every request for this policy. Then an overloaded node sends that refusal instead of 503. */
  readonly isClosed: (policyId: bigint) => boolean;
  readonly earlierKeys: EarlierKeys;
}

export const IssueParams = z.strictObject({ policyId: PathId });
export const IssueBody = z.strictObject({ userId: BodyId.optional() });
export const IssueAnyBody = z.strictObject({ policyId: BodyId, userId: BodyId.optional() });

const IssuedCoupon = z.strictObject({
  couponId: IdText,
  couponPolicyId: IdText,
  userId: IdText,
  status: z.enum(['ISSUED', 'RESERVED', 'USED', 'EXPIRED', 'CANCELLED']),
  sequenceNo: z.int().positive(),
  issuedAt: InstantText,
  expiresAt: InstantText,
});

const ISSUE_REFUSALS = [
  'POLICY_NOT_FOUND',
  'POLICY_INACTIVE',
  'POLICY_NOT_STARTED',
  'POLICY_ENDED',
  'COUPON_SOLD_OUT',
  'COUPON_NOT_AVAILABLE',
  'COUPON_ALREADY_ISSUED',
  'COUPON_ISSUE_LIMIT_EXCEEDED',
  'RATE_LIMITED',
];

/** For the document; the routes below enforce it. */
export const ISSUE_SPEC: OperationSpec = {
  summary: 'Issue a coupon',
  description:
    'FIRST_COME and DOWNLOAD policies. Idempotent by nature: a repeat gets COUPON_ALREADY_ISSUED with the coupon. ' +
    'Exempt from the general limit.',
  access: 'ANY_TOKEN',
  status: 201,
  idempotent: true,
  unlimited: true,
  bodyExample: {},
  response: {
    schema: IssuedCoupon,
    example: {
      couponId: '7330011234567891',
      couponPolicyId: '7330011234567890',
      userId: '1001',
      status: 'ISSUED',
      sequenceNo: 1,
      issuedAt: '2026-01-01T01:00:00.123Z',
      expiresAt: '2026-01-31T01:00:00.123Z',
    },
  },
  refusals: [...ISSUE_REFUSALS, 'FORBIDDEN'],
};

/** All URLs of the operation, for routing and for the document. */
export const ISSUE_ROUTES = [
  { url: '/api/v1/coupons/policies/:policyId/issue', policyIn: 'path' },
  { url: '/api/coupons/policies/:policyId/issue', policyIn: 'path' },
  { url: '/api/v1/coupons/issue', policyIn: 'body' },
  { url: '/api/coupons/issue', policyIn: 'body' },
] as const;

export function registerIssueRoutes(fastify: FastifyInstance, deps: IssueDeps): void {
  const add = hotRoutes(fastify, { ...deps, limits: undefined });
  const isClosed = (id: string): boolean => isPathId(id) && deps.isClosed(BigInt(id));
  for (const { url, policyIn } of ISSUE_ROUTES) {
    const config = policyIn === 'path' ? { bypassesShedding: isClosed } : {};
    const read = policyIn === 'path' ? commandInPath : commandInBody;
    const handle: HotHandler = (request, principal) => {
      const { policyId, named } = read(request);
      const command = { policyId, userId: subjectOf(principal, named) };
      const key = readIdempotencyKey(request.headers['idempotency-key']);
      if (key === undefined) return issue(deps, command);
      return issueOnce(deps, command, {
        principal,
        route: `POST ${url}`,
        key,
        path: pathOf(request.url),
        body: request.body,
      });
    };
    add(url, handle, config);
  }
}

interface IssueTarget {
  readonly policyId: bigint;
  readonly named: bigint | undefined;
}

function commandInPath(request: HotRequest): IssueTarget {
  const policyId = policyIdOf((request.params as { readonly policyId: string }).policyId);
  if (request.body === undefined) return { policyId, named: undefined };
  return { policyId, named: parsedBody(IssueBody, request.body).userId };
}

function commandInBody(request: HotRequest): IssueTarget {
  const { policyId, userId } = parsedBody(IssueAnyBody, request.body);
  return { policyId, named: userId };
}

const policyIdOf = (text: string): bigint =>
  isPathId(text) ? BigInt(text) : parsedBody(IssueParams, { policyId: text }).policyId;

async function issue({ coupon }: IssueDeps, command: IssueCouponRequest): Promise<HotResponse> {
  const { outcome, replayed = false } = await coupon.issueCoupon(command);
  if (outcome?.$case === 'coupon') {
    return { status: ISSUE_SPEC.status, text: couponJson(outcome.value), replayed };
  }
  if (outcome === undefined) throw new Error('the coupon context returned no outcome');
  return { refusal: outcome.value, replayed };
}

/** All routes are aliases of one operation and share the keys. */
const OPERATION = `POST ${ISSUE_ROUTES[0].url}`;

/** With a key the 201 is kept and repeated; refusals are not, for they may end (more stock, a later time). */
async function issueOnce(deps: IssueDeps, command: IssueCouponRequest, request: KeyedRequest): Promise<HotResponse> {
  const earlier = deps.earlierKeys.mayExist() ? await deps.earlierKeys.find(request) : undefined;
  if (earlier) return { status: earlier.status, text: earlier.body, replayed: true };
  const content = [String(command.policyId), String(command.userId)];
  const { place, commandKey } = new KeyedCall(scopeOf(request.principal, OPERATION), request.key, content);
  return await deps.keysInFlight.run(place, () => issue(deps, { ...command, commandKey }));
}

/** Concatenated: every value is digits, a fixed word or an instant, so nothing in it can need escaping. */
function couponJson(coupon: Coupon): string {
  return (
    `{"couponId":"${coupon.id}","couponPolicyId":"${coupon.policyId}","userId":"${coupon.userId}"` +
    `,"status":"${coupon.status}","sequenceNo":${coupon.sequenceNo}` +
    `,"issuedAt":"${coupon.issuedAt?.toISOString()}","expiresAt":"${coupon.expiresAt?.toISOString()}"}`
  );
}
