import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Coupon, CouponService, IssueCouponResponse } from '../gen/stampede/coupon/v1/coupon.ts';
import type { RefusalTable } from '../platform/kernel/refusal.ts';
import type { HttpMetrics, ObserveAnswer } from '../platform/telemetry/http-metrics.ts';
import type { Authenticate } from './authenticate.ts';
import { type HotProblems, hotProblems } from './hot-problems.ts';
import { type IdempotencyKeys, readIdempotencyKey } from './idempotency.ts';
import { languageOf } from './language.ts';
import type { OperationSpec } from './operation.ts';
import { type Principal, subjectOf } from './principal.ts';
import { PROBLEM_TYPE, ProblemError, problemOf } from './problem.ts';
import { pathOf } from './request.ts';
import { BodyId, IdText, InstantText, PathId } from './schemas.ts';
import { readTraceparent } from './traceparent.ts';

/**
 * Issuing is the one hot route, so it stands on Fastify itself: Nest adds 8 to 11 us to a request whose whole budget is
 * 40 us. Same authentication, same answers, no per-request log line; the general limit does not apply.
 */
export interface IssueDeps {
  readonly coupon: Pick<CouponService, 'issueCoupon'>;
  readonly authenticate: Authenticate;
  readonly idempotency: IdempotencyKeys;
  readonly refusals: RefusalTable;
  readonly metrics: HttpMetrics;
  readonly isDraining: () => boolean;
  /** Hears of what nobody foresaw. */
  readonly onError: (error: unknown, requestId: string) => void;
}

export const IssueParams = z.strictObject({ policyId: PathId });
export const IssueBody = z.strictObject({ userId: BodyId.optional() });
export const IssueAnyBody = z.strictObject({ policyId: BodyId, userId: BodyId.optional() });
const NoBody = IssueBody.optional();

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
    'FIRST_COME and DOWNLOAD policies. Idempotent by nature: a repeat answers COUPON_ALREADY_ISSUED with the coupon. ' +
    'Exempt from the general limit.',
  access: 'ANY_TOKEN',
  status: 201,
  idempotent: true,
  unlimited: true,
  bodyExample: {},
  answer: {
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

/** Every way to ask, for routing and for the document. */
export const ISSUE_ROUTES = [
  { url: '/api/v1/coupons/policies/:policyId/issue', policyIn: 'path' },
  { url: '/api/coupons/policies/:policyId/issue', policyIn: 'path' },
  { url: '/api/v1/coupons/issue', policyIn: 'body' },
  { url: '/api/coupons/issue', policyIn: 'body' },
] as const;

type Hot = IssueDeps & { readonly problems: HotProblems };

export function registerIssueRoutes(fastify: FastifyInstance, deps: IssueDeps): void {
  const hot: Hot = { ...deps, problems: hotProblems(deps.refusals) };
  for (const { url, policyIn } of ISSUE_ROUTES) {
    const observe = deps.metrics.route('POST', url);
    const read = policyIn === 'path' ? commandInPath : commandInBody;
    fastify.post(url, { config: { hot: true } }, (request, reply) => issue(hot, url, read, observe, request, reply));
  }
}

interface Command {
  readonly policyId: bigint;
  readonly named: bigint | undefined;
}

function commandInPath(request: FastifyRequest): Command {
  const policyId = policyIdOf((request.params as { readonly policyId: string }).policyId);
  if (request.body === undefined) return { policyId, named: undefined };
  return { policyId, named: parsed(NoBody, request.body)?.userId };
}

function commandInBody(request: FastifyRequest): Command {
  const { policyId, userId } = parsed(IssueAnyBody, request.body);
  return { policyId, named: userId };
}

/** The same rule as PathId's, without a schema's cost. */
function policyIdOf(text: string): bigint {
  if (/^[1-9][0-9]{0,17}$/.test(text)) return BigInt(text);
  return parsed(IssueParams, { policyId: text }).policyId;
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ProblemError('VALIDATION_FAILED', { issues: result.error.issues });
}

async function issue(
  hot: Hot,
  route: string,
  read: (request: FastifyRequest) => Command,
  observe: ObserveAnswer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const started = performance.now();
  if (hot.isDraining()) reply.header('connection', 'close');
  if (request.headers['x-request-id'] !== undefined) reply.header('x-request-id', request.id);
  if (request.headers['traceparent'] !== undefined) echoTrace(request, reply);
  try {
    const known = hot.authenticate(request.headers);
    const principal = known instanceof Promise ? await known : known;
    if (principal === undefined) throw new ProblemError('UNAUTHENTICATED');
    for (const name in request.query as object) refuseParameter(name);
    const command = read(request);
    const userId = subjectOf(principal, command.named);
    const key = readIdempotencyKey(request.headers['idempotency-key']);
    if (key !== undefined)
      return await issueOnce(hot, { route, key, principal, command, userId, observe, started }, request, reply);
    const answer = answerOf(hot, await hot.coupon.issueCoupon({ policyId: command.policyId, userId }), request);
    return send(reply, answer, observe, started);
  } catch (thrown) {
    return send(reply, failureOf(hot, thrown, request), observe, started);
  }
}

interface Once {
  readonly route: string;
  readonly key: string;
  readonly principal: Principal;
  readonly command: Command;
  readonly userId: bigint;
  readonly observe: ObserveAnswer;
  readonly started: number;
}

/** With a key the first 201 is kept and repeated; refusals are not stored, for they may end (more stock, a later time). */
async function issueOnce(hot: Hot, once: Once, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const begun = await hot.idempotency.begin({
    principal: once.principal,
    route: `POST ${once.route}`,
    key: once.key,
    path: pathOf(request.raw.url ?? ''),
    body: request.body,
  });
  if ('answer' in begun) {
    reply.header('idempotent-replayed', 'true');
    return send(reply, { status: begun.answer.status, text: begun.answer.body }, once.observe, once.started);
  }
  let answer: HotAnswer;
  try {
    answer = answerOf(
      hot,
      await hot.coupon.issueCoupon({ policyId: once.command.policyId, userId: once.userId }),
      request,
    );
  } catch (thrown) {
    await hot.idempotency.abandon(begun.claim);
    throw thrown;
  }
  if (answer.status === ISSUE_SPEC.status)
    await hot.idempotency.finish(begun.claim, { status: answer.status, body: answer.text });
  else await hot.idempotency.abandon(begun.claim);
  return send(reply, answer, once.observe, once.started);
}

interface HotAnswer {
  readonly status: number;
  readonly text: string;
  readonly retryAfterSeconds?: number | string | undefined;
}

function answerOf(hot: Hot, { outcome }: IssueCouponResponse, request: FastifyRequest): HotAnswer {
  if (outcome?.$case === 'coupon') return { status: 201, text: couponJson(outcome.value) };
  if (outcome === undefined) throw new Error('the coupon context answered without an outcome');
  const { code, details } = outcome.value;
  return problemAnswer(hot, request, code, { details });
}

function failureOf(hot: Hot, thrown: unknown, request: FastifyRequest): HotAnswer {
  const problem = problemOf(thrown);
  if (problem === undefined) hot.onError(thrown, request.id);
  return problemAnswer(hot, request, problem?.code ?? 'INTERNAL_ERROR', problem?.parts ?? {});
}

function problemAnswer(hot: Hot, request: FastifyRequest, code: string, parts: ProblemError['parts']): HotAnswer {
  const language = languageOf(request.headers['accept-language']);
  const body = hot.problems.body(code, parts, language, pathOf(request.raw.url ?? ''), request.id);
  return { ...body, retryAfterSeconds: parts.retryAfterSeconds ?? parts.details?.['retryAfterSeconds'] };
}

/** Concatenated: every value is digits, a fixed word or an instant, so nothing in it can need escaping. */
function couponJson(coupon: Coupon): string {
  return (
    `{"couponId":"${coupon.id}","couponPolicyId":"${coupon.policyId}","userId":"${coupon.userId}"` +
    `,"status":"${coupon.status}","sequenceNo":${coupon.sequenceNo}` +
    `,"issuedAt":"${coupon.issuedAt?.toISOString()}","expiresAt":"${coupon.expiresAt?.toISOString()}"}`
  );
}

function send(reply: FastifyReply, answer: HotAnswer, observe: ObserveAnswer, started: number): FastifyReply {
  observe(answer.status, (performance.now() - started) / 1000);
  reply
    .code(answer.status)
    .header('content-type', answer.status < 400 ? 'application/json; charset=utf-8' : PROBLEM_TYPE);
  if (answer.retryAfterSeconds !== undefined) reply.header('retry-after', String(answer.retryAfterSeconds));
  return reply.send(answer.text);
}

function echoTrace(request: FastifyRequest, reply: FastifyReply): void {
  const traceparent = readTraceparent(request.headers['traceparent']);
  if (traceparent !== undefined) reply.header('traceparent', traceparent.header);
}

function refuseParameter(field: string): never {
  const errors = [
    { field: field.slice(0, 100), code: 'UNRECOGNIZED_KEYS', message: 'is not a parameter of this route' },
  ];
  throw new ProblemError('VALIDATION_FAILED', { errors });
}
