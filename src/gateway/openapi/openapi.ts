import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { problemDocument } from '../problems/problem.ts';
import { ISSUE_ROUTES, ISSUE_SPEC, IssueAnyBody, IssueBody } from '../routes/coupon/coupon-issue.http.ts';
import { OPS_ROUTES } from '../routes/ops/ops.http.ts';
import { CHECKOUT_ROUTES } from '../routes/order/checkout.http.ts';
import { WEBHOOK_SPEC, WEBHOOK_URL, WebhookBody } from '../routes/order/payment-webhook.http.ts';
import { POINT_MOVE_ROUTES } from '../routes/point/point-moves.http.ts';
import { codesOf, type OperationSpec, SPEC_EXTENSION, SPECS } from '../server/operation.ts';
import { PathId } from '../server/schemas.ts';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;
type Responses = Operation['responses'];
type Schema = Record<string, unknown>;

const DESCRIPTION = `Coupons on a first-come basis with an exact count, and points in a double-entry ledger.

Ids are 64-bit and therefore strings. Errors are problem documents (RFC 9457) with a stable \`code\`; title and detail
follow Accept-Language (ko, en). An \`Idempotency-Key\` makes a repeat answer what the first request was answered.
\`/api/coupons/**\` and \`/api/coupon-policies/**\` are the same routes as those under \`/api/v1\`.`;

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Schema => {
  // Responses are described by the input of their schemas, which have no transforms.
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  });
  return rest;
};

/** Builds the whole document: the controllers' declarations, completed by their operation specs, and the plain Fastify routes. */
export function openApiDocument(app: INestApplication, refusals: RefusalTable, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Stampede')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'HS256 access token' },
      'accessToken',
    )
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'A key of a machine, role SERVICE' },
      'apiKey',
    )
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'webhook-signature', description: 'Standard Webhooks, HMAC-SHA256' },
      'webhookSignature',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? { schema: jsonSchema(schema, schemaType) } : undefined,
  });
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item) as Operation[]) complete(operation, refusals);
  }
  for (const route of ISSUE_ROUTES) addIssueRoute(document.paths, route, refusals);
  for (const route of [...POINT_MOVE_ROUTES, ...CHECKOUT_ROUTES]) {
    const path = pathOf(route.url);
    document.paths[path] = { ...document.paths[path], post: hotOperation(route, refusals) };
  }
  document.paths[WEBHOOK_URL] = { post: webhook(refusals) };
  for (const route of OPS_ROUTES)
    document.paths[route.url] = { [route.method]: describe(route.spec, refusals, ['operations']) };
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM as never },
  };
  numberOperations(document.paths);
  return document;
}

function complete(operation: Operation & { [SPEC_EXTENSION]?: number }, refusals: RefusalTable): void {
  const spec = SPECS[operation[SPEC_EXTENSION] ?? -1];
  delete operation[SPEC_EXTENSION];
  if (spec === undefined) throw new Error(`${operation.operationId} carries no @Operation`);
  const described = describe(spec, refusals, operation.tags ?? []);
  const parameters = [...(operation.parameters ?? []), ...(described.parameters ?? [])];
  Object.assign(operation, described, { parameters });
  if (spec.upload !== undefined) operation.requestBody = csvBody(spec.upload);
  const body = operation.requestBody;
  if (body === undefined || '$ref' in body) return;
  body.required = spec.upload !== undefined || Object.keys((spec.bodyExample ?? {}) as object).length > 0;
  const media = body.content['application/json'];
  if (media === undefined) return;
  media.example = spec.bodyExample;
  if (spec.form) body.content['application/x-www-form-urlencoded'] = { ...media };
}

const csvBody = (example: string): NonNullable<Operation['requestBody']> => ({
  required: true,
  content: { 'text/csv': { schema: { type: 'string' }, example } },
});

function addIssueRoute(paths: Paths, { url, policyIn }: (typeof ISSUE_ROUTES)[number], refusals: RefusalTable): void {
  const described = describe(ISSUE_SPEC, refusals, ['coupons']);
  const inPath = policyIn === 'path';
  const schema = jsonSchema(inPath ? IssueBody : IssueAnyBody, 'input');
  const example = inPath ? {} : { policyId: '7330011234567890' };
  paths[pathOf(url)] = {
    post: {
      ...described,
      operationId: inPath ? 'Coupons_issueOfPolicy' : 'Coupons_issue',
      parameters: [...idsIn(url), ...(described.parameters ?? [])] as never,
      requestBody: { required: !inPath, content: { 'application/json': { schema: schema as never, example } } },
    },
  };
}

type HotRoute = (typeof POINT_MOVE_ROUTES)[number] | (typeof CHECKOUT_ROUTES)[number];

function hotOperation({ url, name, tag, spec, body }: HotRoute, refusals: RefusalTable): Operation {
  const described = describe(spec, refusals, [tag]);
  return {
    ...described,
    operationId: `${tag.replace(/^./, (letter) => letter.toUpperCase())}_${name}`,
    parameters: [...idsIn(url), ...(described.parameters ?? [])] as never,
    requestBody: jsonBody(body, spec.bodyExample),
  };
}

/** The only credential here is the signature. */
const webhook = (refusals: RefusalTable): Operation => ({
  ...describe(WEBHOOK_SPEC, refusals, ['payments']),
  operationId: 'Payments_webhook',
  security: [{ webhookSignature: [] }],
  parameters: [
    webhookHeader('webhook-id', 'The same in every attempt to deliver it', 'msg_2Kx9'),
    webhookHeader('webhook-timestamp', 'When this attempt is made, in seconds since 1970', '1767229320'),
  ],
  requestBody: jsonBody(WebhookBody, WEBHOOK_SPEC.bodyExample),
});

const webhookHeader = (name: string, description: string, example: string) =>
  ({ name, in: 'header', required: true, description, schema: { type: 'string' }, example }) as const;

const jsonBody = (schema: z.ZodType, example: unknown): NonNullable<Operation['requestBody']> => ({
  required: true,
  content: { 'application/json': { schema: jsonSchema(schema, 'input') as never, example } },
});

const pathOf = (url: string): string => url.replace(/:(\w+)/g, '{$1}');

/** Every parameter of a hot route's path is an id. */
const idsIn = (path: string) =>
  [...path.matchAll(/[{:](\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path' as const,
    required: true,
    schema: jsonSchema(PathId, 'input'),
    example: '7330011234567890',
  }));

function describe(spec: OperationSpec, refusals: RefusalTable, tags: string[]): Operation {
  return {
    tags,
    summary: spec.summary,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    ...(spec.idempotent ? { parameters: [{ ...IDEMPOTENCY_KEY, required: spec.idempotent === 'required' }] } : {}),
    // Either credential. On public routes a token is optional and may return more fields.
    security: [...(spec.access === 'ANYBODY' ? [{}] : []), { accessToken: [] }, { apiKey: [] }],
    responses: { [spec.status]: successOf(spec), ...problemsOf(spec, refusals) },
  };
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  description:
    'Printable ASCII. The same key and body answer what the first request was answered, for 24 hours. While the first request is ' +
    'still running a repeat is 409 with Retry-After.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  example: '7f3c2a4e-1',
};

function successOf(spec: OperationSpec): Responses[string] {
  if (spec.response === undefined) return { description: 'Done' };
  const { schema, example, type = 'application/json' } = spec.response;
  return { description: 'Done', content: { [type]: { schema: jsonSchema(schema, 'input') as never, example } } };
}

/** One response a status, one example a code. */
function problemsOf(spec: OperationSpec, refusals: RefusalTable): Responses {
  const responses: Record<
    string,
    { description: string; content: Record<string, { schema: never; examples: Schema }> }
  > = {};
  for (const code of codesOf(spec)) {
    const kind = refusals[code];
    if (kind === undefined) throw new Error(`${code} is missing in the refusal tables`);
    const response = responses[kind.http] ?? {
      description: '',
      content: {
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } as never, examples: {} },
      },
    };
    responses[kind.http] = response;
    response.description = [response.description, code].filter(Boolean).join(', ');
    const media = response.content['application/problem+json'];
    const context = { language: 'en', requestId: 'q3W-1', instance: '/api/v1/…' } as const;
    if (media !== undefined)
      media.examples[code] = { summary: kind.en.title, value: problemDocument(refusals, code, {}, context).body };
  }
  return responses as Responses;
}

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

/** Aliases share a method, and operation ids have to be unique. */
function numberOperations(paths: Paths): void {
  const seen = new Map<string, number>();
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item) as [string, Operation][]) {
      const id = operation.operationId ?? `${method}_${path.replaceAll(/\W+/g, '_')}`;
      const count = (seen.get(id) ?? 0) + 1;
      seen.set(id, count);
      operation.operationId = count === 1 ? id : `${id}_${count}`;
    }
  }
}
