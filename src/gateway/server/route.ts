import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Role } from '../../platform/http/access-token.ts';
import type { AuditEntry } from '../../platform/kernel/contract.ts';
import type { Refusal } from '../../platform/kernel/refusal.ts';
import type { Principal } from '../auth/principal.ts';
import type { RouteScope } from '../auth/scopes.ts';
import type { KeyedCall } from '../idempotency/keyed-call.ts';
import type { Tag } from '../openapi/tags.ts';
import type { ProblemCode } from '../problems/problem-codes.ts';
import { userFieldsOf } from './user-fields.ts';

/** The access rule for users: public, any valid credential, or these roles. For SERVICE principals the scope of the route is the rule. */
export type Access = 'ANYBODY' | 'ANY_TOKEN' | readonly Exclude<Role, 'SERVICE'>[];
/** Who manages stores and what belongs to them. Which of it, the contexts decide. */
export const MANAGERS = ['ADMIN', 'OWNER'] as const satisfies Access;
type Idempotency = true | 'required';

/**
 * The one statement of an operation over HTTP. Routing, validation, access, limits, idempotency and its part of the OpenAPI
 * document follow from it.
 */
export interface RouteSpec {
  /** The name in the document and in the audit log: a verb and a noun, such as `issueCoupon`. Public, because generated clients use it. */
  readonly id: string;
  readonly tag: Tag;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /**
   * Templates such as `/api/v1/coupon-policies/:id`. Idempotency keys belong to the operation by its first path; the others are
   * aliases of it, deprecated in the document.
   */
  readonly paths: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** The status of success. */
  readonly status: number;
  /** The body of success with an example; `type` when it is not JSON. Absent: an empty body. */
  readonly response?: {
    readonly schema: z.ZodType;
    readonly example: unknown;
    readonly type?: string;
  };
  /** Success has the header Location. */
  readonly location?: true;
  /** A success of another kind, in JSON; the handler sets its status. */
  readonly otherResponse?: {
    readonly status: number;
    /** A repeat with the same key gets it, too. */
    readonly isReplayed?: true;
    readonly description: string;
    readonly schema: z.ZodType;
    readonly example: unknown;
  };
  readonly params?: z.ZodType | undefined;
  /** Without it any query parameter is refused. */
  readonly query?: z.ZodType | undefined;
  readonly body?: z.ZodType | undefined;
  /** Present on every route with `body`. An empty example says that the body may be left out. */
  readonly bodyExample?: unknown;
  /** The route accepts a CSV of up to 100 MB instead of JSON; this is an example. Read the body with `readUpload`. */
  readonly upload?: string;
  /** The route accepts an image as multipart/form-data instead of JSON. Read the body with `ReadImage`. */
  readonly image?: true;
  /** The route accepts an HTML form as well as JSON: the same fields, all of them strings. */
  readonly form?: boolean;
  /** Codes beyond those that follow from access, body, key and limits. */
  readonly refusals?: readonly ProblemCode[];
  /** Changes something, so an Idempotency-Key is honoured; 'required' where money moves. */
  readonly idempotent?: Idempotency | undefined;
  /** Fields of the body that the hash of the request leaves out: no hash of a password is stored. */
  readonly secretFields?: readonly string[];
  /** Callers with a valid credential are exempt from the general limit; the description names the limit that applies. */
  readonly unlimited?: boolean;
  /**
   * Admitted when the node is overloaded. True: always, because it ends or continues something that was begun, or another system waits
   * for it. A function gets the first parameter of the path and returns whether a refusal from memory is certain.
   */
  readonly bypassesShedding?: boolean | ((parameter: string) => boolean);
  /** Gives something to the users whom it names: one of another issuer who was never seen here is added. Absent: such a user is not found. */
  readonly addsUsers?: true;
  /** A machine does here what no customer can, also when it names one: its change leaves a line in the audit log. */
  readonly machinesDoMore?: true;
  /** The response of a public route contains credentials or personal data. Those of all others are never kept by caches. */
  readonly noStore?: boolean;
}

/** Served by Nest, behind its guard and its interceptor. */
export interface NestRoute extends RouteSpec {
  /** What a SERVICE principal needs, also on a public route: an API key is denied unless a scope allows it. */
  readonly scope: RouteScope;
  readonly hot?: false;
  readonly plain?: false;
  /** Who gets the same body as callers without a credential: PUBLIC_READ_MAX_AGE lets them share it. Absent: it is read for each request. */
  readonly sharedBy?: 'ANONYMOUS' | 'CUSTOMERS';
  /** The body has the credential, so one in a header that is not valid (any more) is ignored instead of refused. */
  readonly ownCredential?: boolean;
  /**
   * At most so many requests are handled at once on a node, apart from all others; more get 503 before they are handled. For a route that waits for
   * something of its own. Its paths have no parameters.
   */
  readonly inFlightMax?: number;
  /** Headers that the handler reads, for the document. */
  readonly headers?: readonly HeaderSpec[];
  /** The handler sends the response itself: a stream. */
  readonly sendsResponse?: boolean;
  handle(input: never): unknown;
}

/**
 * Served without Nest, and mostly without Fastify (hot-route.ts). Every parameter of its path is an id. The request is for its caller, or for the user
 * that `userId` of its body names, when the caller may act for others.
 */
export interface HotRoute extends RouteSpec {
  /** As of a Nest route. */
  readonly scope: RouteScope;
  readonly hot: true;
  readonly plain?: false;
  readonly method: 'POST';
  handle(input: never): Promise<HotResponse>;
}

/**
 * Served by Fastify without any of the checks: no credential is read, nothing is validated, no limit counts. For orchestrators, and for
 * systems with another way to prove who they are.
 */
export interface PlainRoute extends RouteSpec {
  /** No credential is read, so there is no principal that could lack a scope. */
  readonly scope?: never;
  readonly plain: true;
  readonly hot?: false;
  /** HEAD gets the headers of GET. */
  readonly head?: boolean;
  /** The body is given as bytes, for a signature that is checked before anything is read. */
  readonly rawBody?: boolean;
  /** Sent every few seconds by a program that watches: the log line of a success has the level debug. */
  readonly isProbe?: boolean;
  /** The request has no body that means anything: one of any type is taken, up to a bound, and not looked at. */
  readonly ignoresBody?: boolean;
  /** Replaces the credentials in the document. */
  readonly credential?: { readonly scheme: string; readonly headers: readonly HeaderSpec[] };
  handle(request: FastifyRequest, reply: FastifyReply): unknown;
}

/** A header of a request, for the document: required, unless it is said to be optional. */
export interface HeaderSpec {
  readonly name: string;
  readonly isOptional?: boolean;
  readonly description: string;
  readonly example: string;
}

export type Route = NestRoute | HotRoute | PlainRoute;

type Schema = z.ZodType | undefined;
type Parsed<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;
type Caller<A extends Access> = A extends 'ANYBODY' ? Principal | undefined : Principal;

/** What a handler gets. The guard has checked the principal, the schemas everything else. */
export interface Input<A extends Access, P extends Schema, Q extends Schema, B extends Schema, I> {
  readonly principal: Caller<A>;
  readonly params: Parsed<P>;
  readonly query: Parsed<Q>;
  readonly body: Parsed<B>;
  /** The key of the request, when the operation is idempotent. It has to be passed on to the context. */
  readonly call: I extends Idempotency ? KeyedCall : undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What a hot route reads of a request. Fastify's request is one, too. */
export interface HotRequest {
  readonly id: string;
  /** The address of the client. */
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Pick<IncomingMessage, 'rawHeaders'>;
  /** The path with its query, as it was sent. */
  readonly url: string;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** What a hot handler gets. */
export interface HotInput<P extends Schema, B extends Schema, I> {
  readonly principal: Principal;
  /** The user that the request is for. */
  readonly userId: bigint;
  readonly params: Parsed<P>;
  readonly body: Parsed<B>;
  readonly key: I extends 'required' ? string : string | undefined;
  /** The line that the change leaves in the audit log, for the KeyedCall. */
  readonly audit: AuditEntry | undefined;
  /** For the scope of the key. */
  readonly operation: string;
  /** The one of the paths that the request came by. */
  readonly path: string;
  readonly request: HotRequest;
}

/** `replayed`: the response to an earlier request with the same key. */
export type HotResponse =
  /** JSON text, sent unchanged, with the status of the route unless there is another one. */
  | { readonly text: string; readonly replayed: boolean; readonly status?: number }
  /** Returned, not thrown: 9 of 10 responses of a rush are refusals, and an Error costs a stack trace. */
  | { readonly refusal: Refusal; readonly replayed: boolean };

interface Stated<A, P, Q, B, I> {
  readonly access: A;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly idempotent?: I;
}

export function route<
  I extends Idempotency | undefined = undefined,
  P extends Schema = undefined,
  B extends Schema = undefined,
>(
  definition: Omit<HotRoute, 'handle' | keyof Stated<0, 0, 0, 0, 0>> &
    Stated<'ANY_TOKEN', P, undefined, B, I> & { handle(input: HotInput<P, B, I>): Promise<HotResponse> },
): Route;
export function route(definition: PlainRoute & { readonly access: 'ANYBODY' }): Route;
export function route<
  const A extends Access,
  I extends Idempotency | undefined = undefined,
  P extends Schema = undefined,
  Q extends Schema = undefined,
  B extends Schema = undefined,
>(
  definition: Omit<NestRoute, 'handle' | keyof Stated<0, 0, 0, 0, 0>> &
    Stated<A, P, Q, B, I> & { handle(input: Input<A, P, Q, B, I>): unknown },
): Route;
/** States a route. Without `access` and `scope` it does not compile: nothing is public, or open to every API key, by accident. */
export function route(definition: object): Route {
  return definition as Route;
}

/** The operation of a route, in the scope of its idempotency keys. */
export const operationOf = ({ method, paths }: Pick<RouteSpec, 'method' | 'paths'>): string => `${method} ${paths[0]}`;

/** Is the body of a request a file, which is read as a stream? */
export const takesFile = ({ upload, image }: Pick<RouteSpec, 'upload' | 'image'>): boolean =>
  upload !== undefined || image === true;

/** May a request name users, by external ids as well? */
const namesUsers = ({ params, query, body }: RouteSpec): boolean =>
  [params, query, body].map(userFieldsOf).some(({ single, lists }) => single.length + lists.length > 0);

/** Every problem code that a route can return. */
export function codesOf(spec: RouteSpec & { readonly scope?: RouteScope }): readonly ProblemCode[] {
  const codes = new Set<ProblemCode>(['VALIDATION_FAILED']);
  // A credential that is not valid is refused on every route, and a machine may name an administrator in X-User-Id on every route.
  if (spec.scope !== undefined) codes.add('UNAUTHENTICATED').add('FORBIDDEN');
  if (spec.scope !== undefined && spec.scope !== 'NEVER') codes.add('SCOPE_MISSING');
  for (const code of spec.refusals ?? []) codes.add(code);
  if (spec.scope !== undefined && namesUsers(spec)) codes.add('USER_NOT_FOUND');
  if (takesFile(spec)) codes.add('REQUEST_TIMEOUT');
  if (spec.body !== undefined || takesFile(spec)) codes.add('PAYLOAD_TOO_LARGE').add('UNSUPPORTED_MEDIA_TYPE');
  if (spec.idempotent === 'required') codes.add('IDEMPOTENCY_KEY_REQUIRED');
  if (spec.idempotent) codes.add('IDEMPOTENCY_KEY_IN_USE').add('IDEMPOTENCY_KEY_REUSED');
  if (spec.scope !== undefined || !spec.unlimited) codes.add('RATE_LIMITED');
  return [...codes.add('INTERNAL_ERROR').add('OVERLOADED').add('DEPENDENCY_UNAVAILABLE')];
}
