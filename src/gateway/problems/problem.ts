import { KeyInUse } from '../../platform/kernel/command-key.ts';
import type { Language } from '../../platform/kernel/language.ts';
import {
  type ContextResponse,
  isRefusal,
  type Refusal,
  type RefusalKind,
  type RefusalTable,
  resultIn,
  Unavailable,
} from '../../platform/kernel/refusal.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';
import { challengeOf, rejectionDetail } from '../auth/rejected.ts';
import { type FieldError, fieldErrors, type Issue, ruleIn } from '../server/validation.ts';
import type { ProblemCode } from './problem-codes.ts';

/** The content of a problem besides its code. */
export interface ProblemParts {
  /** Details of the refusal. They become members of the document, except names that the document uses itself (status, code …). */
  readonly details?: Readonly<Record<string, string>>;
  readonly errors?: readonly FieldError[];
  /** The issues of a schema; they become `errors` in the language of the response. */
  readonly issues?: readonly Issue[];
  readonly retryAfterSeconds?: number;
}

/** Thrown by a route or a guard to refuse a request. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** Of a context's refusal: what its message says. A code that no table declares becomes INTERNAL_ERROR. */
  readonly code: string;
  readonly parts: ProblemParts;

  /** `refused`: a code of the edge, or the refusal of a context, whose details are then the default of `parts`. */
  constructor(
    refused: ProblemCode | Refusal,
    parts: ProblemParts = typeof refused === 'string' ? {} : { details: refused.details },
  ) {
    const code = typeof refused === 'string' ? refused : refused.code;
    super(code);
    this.code = code;
    this.parts = parts;
  }
}

export interface RequestContext {
  readonly language: Language;
  readonly requestId: string;
  /** The request path without its query. */
  readonly instance: string;
}

/** An RFC 9457 document, ready to send as application/problem+json. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Builds the document of `code`. An unknown code is a bug and becomes INTERNAL_ERROR. */
export function problemDocument(
  table: RefusalTable,
  code: string,
  parts: ProblemParts,
  context: RequestContext,
): Problem {
  const known = table[code];
  const kind = known ?? table['INTERNAL_ERROR'];
  if (kind === undefined) throw new Error('the refusal table lacks INTERNAL_ERROR');
  const text = kind[context.language];
  const details = known === undefined ? {} : (parts.details ?? {});
  const said = parts.issues === undefined ? undefined : fieldErrors(parts.issues, context.language);
  const retryAfter = parts.retryAfterSeconds ?? details['retryAfterSeconds'];
  const stated = parts.errors ?? fieldErrorsOf(kind, details);
  const errors = said ?? stated?.map((error) => ({ ...error, message: ruleIn(context.language, error.message) }));
  return {
    status: kind.http,
    headers: {
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      ...(kind.http === 401 ? { 'www-authenticate': challengeOf(details['reason']) } : {}),
    },
    body: {
      ...(errors === undefined ? members(kind, details) : {}),
      type: `urn:stampede:problem:${(known === undefined ? 'INTERNAL_ERROR' : code).toLowerCase().replaceAll('_', '-')}`,
      title: fill(text.title, details),
      status: kind.http,
      detail: reasonDetail(code, details, context.language) ?? fill(text.detail, details),
      instance: context.instance,
      code: known === undefined ? 'INTERNAL_ERROR' : code,
      requestId: context.requestId,
      ...(errors === undefined ? {} : { errors }),
    },
  };
}

/** What a 401 says depends on why the credential is not accepted: to send one is no remedy for a user who is blocked. */
const reasonDetail = (code: string, details: Refusal['details'], language: Language): string | undefined =>
  code === 'UNAUTHENTICATED' ? rejectionDetail(details['reason'], language) : undefined;

/** A refusal within a successful response: its code, and its texts in a language. Its details are in the texts only. */
export function reasonJson(table: RefusalTable, { code, details }: Refusal, language: Language) {
  const kind = table[code];
  if (kind === undefined) throw new Error(`no table declares the refusal ${code}`);
  const { title, detail } = kind[language];
  return { code, title: fill(title, details), detail: fill(detail, details) };
}

/** The invalid fields that a context's refusal names. */
function fieldErrorsOf({ namesFields }: RefusalKind, details: Refusal['details']): readonly FieldError[] | undefined {
  const fields = Object.entries(details);
  if (!namesFields || fields.length === 0) return undefined;
  return fields.map(([field, message]) => ({ field, code: 'INVALID', message }));
}

const members = (kind: RefusalKind, details: Refusal['details']): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, isNumber(kind, name) ? Number(value) : value]),
  );

function isNumber({ details }: RefusalKind, name: string): boolean {
  const type = details?.[name];
  return type === 'number' || type === 'number?';
}

const fill = (text: string, details: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => details[name] ?? whole);

/** Returns the value of a context's outcome; throws its refusal as a ProblemError. */
export function valueFrom<Value extends object>(outcome: ContextResponse<Value>['outcome']): Exclude<Value, Refusal> {
  const result = resultIn({ outcome });
  if (isRefusal(result)) throw new ProblemError(result);
  return result;
}

/** Returns the problem of a thrown value. Undefined: an unexpected error, to be logged and sent as INTERNAL_ERROR. */
export function problemOf(thrown: unknown): { readonly code: string; readonly parts: ProblemParts } | undefined {
  if (thrown instanceof ProblemError) return thrown;
  if (thrown instanceof Unavailable) {
    return { code: thrown.code, parts: { retryAfterSeconds: thrown.retryAfterSeconds } };
  }
  if (thrown instanceof KeyInUse) return { code: 'IDEMPOTENCY_KEY_IN_USE', parts: { retryAfterSeconds: 1 } };
  return frameworkProblem(thrown) ?? databaseProblem(thrown);
}

/** PostgreSQL is not available or overloaded: the request is valid, and its outcome is unknown. */
function databaseProblem(thrown: unknown): { readonly code: ProblemCode; readonly parts: ProblemParts } | undefined {
  if (classifyFailure(thrown) === 'poison') return undefined;
  return { code: 'DEPENDENCY_UNAVAILABLE', parts: { retryAfterSeconds: 1 } };
}

/** Fastify's and Nest's own errors carry a status; their messages stay inside. */
function frameworkProblem(thrown: unknown): { readonly code: ProblemCode; readonly parts: ProblemParts } | undefined {
  const code = CODE_OF_STATUS.get(statusOf(thrown) ?? 0);
  return code === undefined ? undefined : { code, parts: {} };
}

function statusOf(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  if ('getStatus' in thrown && typeof thrown.getStatus === 'function') return Number(thrown.getStatus());
  return 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
}

const CODE_OF_STATUS: ReadonlyMap<number, ProblemCode> = new Map([
  [400, 'VALIDATION_FAILED'],
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [405, 'METHOD_NOT_ALLOWED'],
  [408, 'REQUEST_TIMEOUT'],
  [413, 'PAYLOAD_TOO_LARGE'],
  [414, 'VALIDATION_FAILED'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
  [429, 'RATE_LIMITED'],
  [431, 'HEADERS_TOO_LARGE'],
  [503, 'OVERLOADED'],
]);
