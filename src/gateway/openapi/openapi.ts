import { DocumentBuilder, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { API_KEY_SCOPES } from '../../contexts/identity/api.ts';
import { IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_MAX } from '../../platform/kernel/idempotency-key.ts';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { type ProblemParts, problemDocument } from '../problems/problem.ts';
import type { ProblemCode } from '../problems/problem-codes.ts';
import { codesOf, type HeaderSpec, type Route } from '../server/route.ts';
import { IMAGE_FIELD } from '../uploads/image-upload.ts';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;
type Responses = Operation['responses'];
type Parameter = NonNullable<Operation['parameters']>[number];
type Schema = Record<string, unknown>;

const DESCRIPTION = `Coupons on a first-come basis with an exact count, points in a double-entry ledger, products and time sales, orders and payments, stores
and those who follow them, notices (an inbox, a stream, e-mail and web push) and accounts.

Ids are 64-bit and therefore strings. Errors are problem documents (RFC 9457) with a stable \`code\`; title and detail
follow Accept-Language (ko, en). A repeat with the same \`Idempotency-Key\` gets the response of the first request.
\`/api/coupons/**\` and \`/api/coupon-policies/**\` are the same routes as those under \`/api/v1\`.`;

const API_KEY_DESCRIPTION =
  'A key of a machine, role SERVICE. It needs the scope that the operation lists, or `admin`, also where no credential is ' +
  `required; an operation that lists none does not accept keys. Scopes: ${API_KEY_SCOPES.join(', ')}.`;

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Schema => {
  // Responses are described by the input of their schemas, which have no transforms.
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  });
  return rest;
};

/** Builds the document from the definitions of the routes. */
export function openApiDocument(routes: readonly Route[], refusals: RefusalTable, version: string): OpenAPIObject {
  const { openapi, ...base } = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Stampede')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'HS256 access token. With role SERVICE it needs the scope of the operation in its claim `scope`.',
      },
      'accessToken',
    )
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Api-Key', description: API_KEY_DESCRIPTION }, 'apiKey')
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'webhook-signature', description: 'Standard Webhooks, HMAC-SHA256' },
      'webhookSignature',
    )
    .build();
  const components = { ...base.components, schemas: { Problem: PROBLEM as never }, headers: HEADERS as never };
  // Paths are those of the server that shows the document.
  const servers = [{ url: '/' }];
  const tags = [...new Set(routes.map(({ tag }) => tag))].sort().map((name) => ({ name }));
  return { openapi, paths: pathsOf(routes, refusals), ...base, tags, servers, components };
}

function pathsOf(routes: readonly Route[], refusals: RefusalTable): Paths {
  const paths: Paths = {};
  for (const route of routes) {
    for (const [alias, path] of route.paths.entries()) {
      const template = path.replace(/:(\w+)/g, '{$1}');
      const method = route.method.toLowerCase();
      paths[template] = { ...paths[template], [method]: operationOf(route, alias, refusals) };
    }
  }
  return paths;
}

function operationOf(route: Route, alias: number, refusals: RefusalTable): Operation {
  const requestBody = requestBodyOf(route);
  return {
    operationId: idOf(route, alias),
    parameters: parametersOf(route),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: { [route.status]: successOf(route), ...otherSuccessOf(route), ...problemsOf(route, refusals) },
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: securityOf(route),
  };
}

/** Unique and stable: aliases are numbered, in the two ways that clients were generated with. */
function idOf({ id, hot, paths }: Route, alias: number): string {
  if (paths.length === 1 || (hot && alias === 0)) return id;
  return hot ? `${id}_${alias + 1}` : `${id}[${alias}]`;
}

/** Either credential, the key with its scope. On public routes a token is optional and may return more fields. */
function securityOf(route: Route): NonNullable<Operation['security']> {
  if (route.plain && route.credential) return [{ [route.credential.scheme]: [] }];
  const open = route.access === 'ANYBODY' ? [{}] : [];
  if (route.plain) return open;
  return [...open, { accessToken: [] }, ...(route.scope === 'NEVER' ? [] : [{ apiKey: [route.scope] }])];
}

function parametersOf(route: Route): Parameter[] {
  const headers = route.plain ? route.credential?.headers : route.hot ? undefined : route.headers;
  return [
    ...fieldsOf(route.params, 'path').map((field) => (route.hot ? { ...field, example: ID_EXAMPLE } : field)),
    ...fieldsOf(route.query, 'query'),
    ...(headers ?? []).map(headerOf),
    ...(isForCustomers(route) ? [ACTING_USER] : []),
    ...(route.idempotent ? [{ ...IDEMPOTENCY_KEY_HEADER, required: route.idempotent === 'required' }] : []),
  ];
}

/** Of the parameters of a hot route's path, all of which are ids. */
const ID_EXAMPLE = '7330011234567890';

/** A parameter for each field of a schema. */
function fieldsOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Parameter[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = requestSchema(schema) as {
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, field]) => ({
    name,
    required: required.includes(name),
    in: place,
    ...(typeof field['description'] === 'string' ? { description: field['description'] } : {}),
    schema: field,
  }));
}

const headerOf = ({ name, isOptional = false, description, example }: HeaderSpec): Parameter => ({
  name,
  in: 'header',
  required: !isOptional,
  description,
  schema: { type: 'string' },
  example,
});

/** Whether a machine may act here for the customer of X-User-Id. */
const isForCustomers = (route: Route): boolean =>
  !route.plain && route.access === 'ANY_TOKEN' && route.scope !== 'NEVER';

const ACTING_USER = {
  name: 'X-User-Id',
  in: 'header' as const,
  required: false,
  description:
    'With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and ' +
    'its scopes allow. Not read with the token of a user.',
  schema: { type: 'string' },
  example: '7330011234567890',
};

const IDEMPOTENCY_KEY_HEADER = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  description:
    'Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed ' +
    'a repeat gets 409 with Retry-After.',
  schema: { type: 'string', pattern: IDEMPOTENCY_KEY.source, minLength: 1, maxLength: IDEMPOTENCY_KEY_MAX },
  example: '7f3c2a4e-1',
};

function requestBodyOf(route: Route): Operation['requestBody'] {
  const { id, plain, body, bodyExample: example, upload, image, form } = route;
  const isIgnored = route.plain === true && route.ignoresBody === true;
  if (upload !== undefined) {
    return { required: true, content: { 'text/csv': { schema: { type: 'string' }, example: upload } } };
  }
  if (image) return { required: true, content: { 'multipart/form-data': IMAGE_UPLOAD } };
  if ((body === undefined) !== (example === undefined)) throw new Error(`${id} states a body without its example`);
  if (body === undefined) return undefined;
  // Only the handler of a plain route enforces what the route documents, so it is shown unchanged.
  const schema = plain ? jsonSchema(body, 'input') : requestSchema(body);
  const media = { schema: schema as never, example };
  const content = {
    'application/json': media,
    ...(form ? { 'application/x-www-form-urlencoded': { ...media } } : {}),
    ...(isIgnored ? { 'multipart/form-data': { ...media } } : {}),
  };
  return { required: !isIgnored && Object.keys(example as object).length > 0, content };
}

const IMAGE_UPLOAD = {
  schema: {
    type: 'object',
    required: [IMAGE_FIELD],
    properties: {
      [IMAGE_FIELD]: {
        type: 'string',
        format: 'binary',
        description: 'A JPEG, PNG or WebP of at most 5 MB and 30 million pixels, by its content',
      },
    },
    additionalProperties: false,
  },
  encoding: { [IMAGE_FIELD]: { contentType: 'image/jpeg, image/png, image/webp' } },
  example: { [IMAGE_FIELD]: '(bytes of the image)' },
};

/** The schema of a request, with the one example and the enum of one value that generators of clients understand. */
const requestSchema = (schema: z.ZodType): Schema => simplified(jsonSchema(schema, 'input')) as Schema;

function simplified(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplified);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (name === 'examples' && Array.isArray(inner)) return ['example', inner[0]];
      return name === 'const' ? ['enum', [inner]] : [name, simplified(inner)];
    }),
  );
}

function successOf(route: Route): Responses[string] {
  const headers = route.idempotent ? { headers: REPLAYED } : {};
  if (route.response === undefined) return { description: 'Done', ...headers };
  const { schema, example, type = 'application/json' } = route.response;
  const content = { [type]: { schema: jsonSchema(schema, 'input') as never, example } };
  return { description: 'Done', ...headers, content };
}

function otherSuccessOf({ otherResponse }: Route): Responses {
  if (otherResponse === undefined) return {};
  const { status, description, schema, example, isReplayed } = otherResponse;
  const content = { 'application/json': { schema: jsonSchema(schema, 'input') as never, example } };
  const headers = isReplayed ? { headers: REPLAYED } : {};
  return { [status]: { description, ...headers, content } };
}

const RETRY_AFTER = { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } };
const CHALLENGED = { 'WWW-Authenticate': { $ref: '#/components/headers/WwwAuthenticate' } };
const REPLAYED = { 'Idempotent-Replayed': { $ref: '#/components/headers/IdempotentReplayed' } };
const HEADERS = {
  RetryAfter: {
    description: 'Seconds after which the same request may be sent again',
    schema: { type: 'integer', minimum: 1 },
    example: 1,
  },
  WwwAuthenticate: {
    description: 'Why the credential is not accepted (RFC 6750, section 3)',
    schema: { type: 'string' },
    example: 'Bearer realm="stampede", error="invalid_token", error_description="The access token expired"',
  },
  IdempotentReplayed: {
    description: 'Present when this is the response of the first request with the same Idempotency-Key',
    schema: { type: 'string', enum: ['true'] },
    example: 'true',
  },
};

/** Codes that come with Retry-After. */
const RETRIED: ReadonlySet<ProblemCode> = new Set([
  'IDEMPOTENCY_KEY_IN_USE',
  'RATE_LIMITED',
  'OVERLOADED',
  'DEPENDENCY_UNAVAILABLE',
]);

/** One response for each status, one example for each code. */
function problemsOf(route: Route, refusals: RefusalTable): Responses {
  const codes = new Map<number, ProblemCode[]>();
  for (const code of codesOf(route)) {
    const kind = refusals[code];
    if (kind === undefined) throw new Error(`${code} is missing in the refusal tables`);
    codes.set(kind.http, [...(codes.get(kind.http) ?? []), code]);
  }
  return Object.fromEntries([...codes].map(([status, of]) => [status, problemOf(route, of, refusals)])) as Responses;
}

function problemOf(route: Route, codes: readonly ProblemCode[], refusals: RefusalTable) {
  const headers = {
    ...(codes.some((code) => RETRIED.has(code)) ? RETRY_AFTER : {}),
    ...(codes.includes('UNAUTHENTICATED') ? CHALLENGED : {}),
    // What a context decided is kept under the key.
    ...(route.idempotent && codes.some((code) => route.refusals?.includes(code)) ? REPLAYED : {}),
  };
  const context = { language: 'en', requestId: 'q3W-1', instance: '/api/v1/orders' } as const;
  const examples = codes.map((code) => [
    code,
    { summary: refusals[code]?.en.title, value: problemDocument(refusals, code, partsOf(route, code), context).body },
  ]);
  return {
    description: codes.join(', '),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

const partsOf = ({ scope }: Route, code: ProblemCode): ProblemParts =>
  code === 'SCOPE_MISSING' && scope !== undefined ? { details: { scope } } : {};

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string', format: 'uri-reference' },
    code: { type: 'string', description: 'Stable; decide on this' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'code', 'message'],
        properties: { field: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
  additionalProperties: { description: 'Facts of the refusal, for example couponId and sequenceNo' },
};
