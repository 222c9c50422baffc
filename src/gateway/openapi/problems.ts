import { STATUS_CODES } from 'node:http';
import type { RefusalKind, RefusalTable } from '../../platform/kernel/refusal.ts';
import type { ProblemCode } from '../problems/problem-codes.ts';
import { codesOf, type Route, takesFile } from '../server/route.ts';
import { type Components, type Json, pascalCase, type Reference } from './components.ts';
import { type HeaderName, headersOf } from './headers.ts';

/** Codes that come with Retry-After. */
const RETRIED: ReadonlySet<ProblemCode> = new Set([
  'IDEMPOTENCY_KEY_IN_USE',
  'RATE_LIMITED',
  'OVERLOADED',
  'DEPENDENCY_UNAVAILABLE',
]);
/**
 * Codes that follow from what an operation takes, not from what it does. A status that has these alone is left to the response `default`, which
 * operations share: listed by each of them, they would be half of the document.
 */
const COMMON: ReadonlySet<ProblemCode> = new Set([
  'VALIDATION_FAILED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'SCOPE_MISSING',
  'REQUEST_TIMEOUT',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'IDEMPOTENCY_KEY_IN_USE',
  'IDEMPOTENCY_KEY_REUSED',
  'RATE_LIMITED',
  'INTERNAL_ERROR',
  'OVERLOADED',
  'DEPENDENCY_UNAVAILABLE',
]);
/** A response of more codes is named after its operation. */
const CODES_IN_NAME_MAX = 2;

/**
 * The responses to requests that are refused, or fail: one for each status that says something about this operation, and `default` for all others.
 * Each has its codes as an enum.
 * @throws Error for a code that no table has
 */
export function problemsOf(
  components: Components,
  route: Route,
  refusals: RefusalTable,
): Readonly<Record<string, Reference>> {
  const codes = [...codesOf(route)].sort();
  const byStatus = Map.groupBy(codes, (code) => kindOf(refusals, code).http);
  const own = [...byStatus].filter(([, of]) => !of.every((code) => COMMON.has(code)));
  const responses = own.map(([status, of]) => {
    const name = of.length > CODES_IN_NAME_MAX ? `${pascalCase(route.id)}${status}` : of.map(pascalCase).join('Or');
    return [status, problemOf(components, name, reasonOf(status), of, refusals)] as const;
  });
  const common = codes.filter((code) => COMMON.has(code));
  return {
    ...Object.fromEntries(responses),
    default: problemOf(components, commonName(route, common), 'Any other refusal, or a failure', common, refusals),
  };
}

const reasonOf = (status: number): string => STATUS_CODES[status] ?? String(status);

/** The name says what common codes follow from. */
function commonName(route: Route, codes: readonly ProblemCode[]): string {
  const caller = codes.includes('SCOPE_MISSING') ? 'Scoped' : codes.includes('UNAUTHENTICATED') ? 'User' : 'Open';
  const body = takesFile(route) ? 'File' : codes.includes('PAYLOAD_TOO_LARGE') ? 'Body' : '';
  const key = codes.includes('IDEMPOTENCY_KEY_IN_USE') ? 'Keyed' : '';
  return `${caller}${body}${key}${codes.includes('RATE_LIMITED') ? '' : 'Unlimited'}Problem`;
}

function problemOf(
  components: Components,
  name: string,
  description: string,
  codes: readonly ProblemCode[],
  refusals: RefusalTable,
): Reference {
  const headers: HeaderName[] = [
    ...(codes.some((code) => RETRIED.has(code)) ? (['RetryAfter'] as const) : []),
    ...(codes.includes('RATE_LIMITED') ? (['RateLimit', 'RateLimitPolicy'] as const) : []),
    ...(codes.includes('UNAUTHENTICATED') ? (['WwwAuthenticate'] as const) : []),
  ];
  return components.share('responses', name, {
    description,
    ...headersOf(components, headers),
    content: { 'application/problem+json': { schema: schemaOfCodes(components, codes, refusals) } },
  });
}

/** A problem with one of some codes, and what these say about their request. */
function schemaOfCodes(components: Components, codes: readonly ProblemCode[], refusals: RefusalTable): Json {
  const details = codes.flatMap((code) => Object.entries(kindOf(refusals, code).details ?? {}));
  const properties = details.map(([name, type]): [string, Json] => [name, detailSchema(type)]);
  return {
    allOf: [
      components.add('schemas', 'Problem', problemSchema(components, refusals)),
      { properties: { code: { type: 'string', enum: codes }, ...Object.fromEntries(properties) } },
    ],
  };
}

const detailSchema = (type: NonNullable<RefusalKind['details']>[string]): Json =>
  type.startsWith('number') ? { type: 'integer', format: 'int64' } : { type: 'string' };

const problemSchema = (components: Components, refusals: RefusalTable): Json => ({
  type: 'object',
  description: 'Why a request was refused, or failed (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
  properties: {
    type: {
      type: 'string',
      format: 'uri',
      description: 'A URN of the code',
      examples: ['urn:stampede:problem:order-not-found'],
    },
    title: { type: 'string', description: 'In the language of Accept-Language: ko or en' },
    status: { type: 'integer', format: 'int32', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'What can be done; in the language of Accept-Language' },
    instance: {
      type: 'string',
      format: 'uri-reference',
      description: 'The path of the request',
      examples: ['/api/v1/orders'],
    },
    code: components.add('schemas', 'ProblemCode', {
      type: 'string',
      description: 'Stable: clients decide on it. Later versions may have further codes',
      enum: Object.keys(refusals).sort(),
    }),
    requestId: {
      type: 'string',
      description: 'The header x-request-id of the response, and of every log line',
      examples: ['q3W-1'],
    },
    errors: {
      type: 'array',
      description: 'The fields that are not valid',
      items: components.add('schemas', 'FieldError', FIELD_ERROR),
    },
  },
  additionalProperties: { description: 'What the code says about the request, for example couponId and sequenceNo' },
});

const FIELD_ERROR = {
  type: 'object',
  required: ['field', 'code', 'message'],
  properties: {
    field: { type: 'string', description: 'Where it is, with dots: `items.0.quantity`' },
    code: { type: 'string' },
    message: { type: 'string', description: 'In the language of Accept-Language' },
  },
};

function kindOf(refusals: RefusalTable, code: ProblemCode): RefusalKind {
  const kind = refusals[code];
  if (kind === undefined) throw new Error(`${code} is missing in the refusal tables`);
  return kind;
}
