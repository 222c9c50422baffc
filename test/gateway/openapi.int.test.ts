import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REFUSALS } from '../../src/app/refusals.ts';
import { TAGS } from '../../src/gateway/openapi/tags.ts';
import { documentOfRoutes } from '../../tools/openapi/document.ts';
import { type Stage, stage, testUsers } from '../attacks/support.ts';
import { resolve } from '../support/resolved-document.ts';

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, looked at from every side
type Json = any;
let on: Stage;
const testUser = testUsers();
/** As it is served, and with what its references name. */
let served: Json;
let document: Json;
let operations: { readonly id: string; readonly method: string; readonly path: string; readonly operation: Json }[];
beforeAll(async () => {
  on = await stage();
  served = (await on.call('GET', '/api/openapi.json')).body;
  document = resolve(served, served);
  operations = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
    Object.entries<Json>(item).map(([method, operation]) => ({
      id: `${method.toUpperCase()} ${path}`,
      method,
      path,
      operation,
    })),
  );
});
afterAll(() => on.stop());

/** The document itself and its pages. */
const isDocumentation = (url: string): boolean => /^\/api\/(docs|openapi\.json)/.test(url);

const PROBLEM = 'application/problem+json';
/** The codes of a problem response. */
const codesOf = (response: Json): readonly string[] =>
  response.content?.[PROBLEM]?.schema.allOf[1].properties.code.enum ?? [];

/** The example of a body: its own, that of its schema, or for the page of a list that of its items. */
function exampleOf({ example, schema }: Json): unknown {
  if (example !== undefined) return example;
  if (schema.examples !== undefined) return schema.examples[0];
  const list = Object.entries<Json>(schema.properties ?? {}).find(([, { type }]) => type === 'array');
  const item = list && exampleOf({ schema: list[1].items });
  return item === undefined ? undefined : { [list?.[0] ?? '']: [item], nextCursor: null, hasMore: false };
}

describe('the OpenAPI document', () => {
  it('the OpenAPI document is 3.1 and lists every route that is registered, and no other', { tags: 'process' }, () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const registered = on.server.routes.routes
      // HEAD is GET without its body.
      .filter(({ method, url }) => method !== 'HEAD' && !isDocumentation(url))
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
    expect(operations.map(({ id }) => id).sort()).toEqual([...new Set(registered)].sort());
  });

  it('declares its tags, and the header by which a stream of notices goes on', () => {
    const used = new Set(operations.flatMap(({ operation }) => operation.tags));
    const inOrder = Object.entries(TAGS).map(([name, description]) => ({ name, description }));
    expect(document.tags).toEqual(inOrder.filter(({ name }) => used.has(name)));
    expect(document.paths['/api/v1/notifications/stream'].get.parameters).toContainEqual(
      expect.objectContaining({ name: 'Last-Event-ID', in: 'header' }),
    );
  });

  it('every operation has a summary, a tag, a unique id of a verb and a noun, its security and its responses', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, operation } of operations) {
      expect([id, operation.operationId]).toEqual([id, expect.stringMatching(/^[a-z]+[A-Z][A-Za-z]+$/)]);
      expect([id, operation.summary?.length > 0, operation.tags?.length]).toEqual([id, true, 1]);
      expect(Array.isArray(operation.security), id).toBe(true);
      expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true);
      expect(codesOf(operation.responses.default), id).toContain('INTERNAL_ERROR');
    }
  });

  it('an alias is deprecated and names its operation, whose responses it has', () => {
    const byId = new Map(operations.map(({ operation }) => [operation.operationId, operation]));
    const aliases = operations.filter(({ operation }) => operation['x-stampede-alias-of'] !== undefined);
    expect(aliases.length).toBeGreaterThan(30);
    for (const { id, operation } of operations) {
      const main = byId.get(operation['x-stampede-alias-of']);
      expect([id, operation.deprecated ?? false]).toEqual([id, main !== undefined]);
      if (main !== undefined) expect([id, operation.responses]).toEqual([id, main.responses]);
      if (!id.includes('/api/v1/') && id.includes('/api/')) expect([id, operation.deprecated]).toEqual([id, true]);
    }
  });

  it('operations without access control have no security, and all others name a scheme', () => {
    const securityOf = (path: string, method: string) => document.paths[path][method].security;
    expect(securityOf('/api/v1/products', 'get')).toEqual([]);
    expect(securityOf('/healthz', 'get')).toEqual([]);
    expect(securityOf('/api/v1/auth/profile', 'get')).toEqual([{ accessToken: [] }, { apiKey: ['users:read'] }]);
    expect(securityOf('/api/v1/coupon-policies', 'post')).toEqual([
      { accessToken: ['ADMIN', 'OWNER'] },
      { apiKey: ['policies:write'] },
    ]);
    expect(securityOf('/api/v1/payments/webhook', 'post')).toEqual([{ webhookSignature: [] }]);
  });

  it('every schema of an object has a name', () => {
    const unnamed: string[] = [];
    const look = (value: Json, at: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (value.type === 'object' && value.properties !== undefined) unnamed.push(at);
      for (const [name, inner] of Object.entries(value)) {
        // What an example looks like is not a schema; a problem is that of its codes, whose schema is named.
        if (!['example', 'examples', PROBLEM].includes(name)) look(inner, `${at}/${name}`);
      }
    };
    for (const [name, { properties = {}, ...rest }] of Object.entries<Json>(served.components.schemas)) {
      look(properties, name);
      look({ ...rest, type: undefined }, name);
    }
    look(served.paths, 'paths');
    look(served.components.responses, 'responses');
    expect(unnamed).toEqual([]);
  });

  it('the OpenAPI document for clients, without aliases, has at most 300 kB, and the one with all of them 333 kB', () => {
    const bytes = (each: Json): number => Buffer.byteLength(JSON.stringify(each));
    expect(bytes(documentOfRoutes({ withoutAliases: true }))).toBeLessThanOrEqual(300_000);
    expect(bytes(served)).toBeLessThanOrEqual(333_000);
  });

  it('the OpenAPI document describes every parameter of a path, and every parameter has a schema', () => {
    for (const { id, path, operation } of operations) {
      const parameters: Json[] = operation.parameters ?? [];
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect([id, inPath.sort()]).toEqual([id, [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()]);
      for (const parameter of parameters)
        expect(Object.keys(parameter.schema ?? {}).length, `${id} ${parameter.name}`).toBeGreaterThan(0);
    }
  });

  it('the OpenAPI document states the fields of bodies and queries as they are enforced', () => {
    const { post, get } = document.paths['/api/v1/coupon-policies'];
    const body = post.requestBody.content['application/json'].schema;
    expect(body).toMatchObject({ type: 'object', additionalProperties: false });
    expect(body.required).toEqual(expect.arrayContaining(['name', 'discountType', 'validFrom']));
    const inQuery = get.parameters.filter((parameter: Json) => parameter.in === 'query').map(({ name }: Json) => name);
    expect(inQuery.sort()).toEqual(['cursor', 'distributionType', 'limit', 'status', 'storeId']);
    const writes = operations.filter(
      ({ method, path }) => ['post', 'put', 'patch'].includes(method) && !path.includes('/metrics'),
    );
    for (const { id, operation } of writes) expect(operation.requestBody, id).toBeDefined();
  });

  it('every request and response body has a schema and an example', () => {
    for (const { id, operation } of operations) {
      const contents: [string, Json][] = Object.entries<Json>(operation.requestBody?.content ?? {});
      for (const [status, response] of Object.entries<Json>(operation.responses)) {
        if (status !== '204') expect(Object.keys(response.content ?? {}).length, `${id} ${status}`).toBe(1);
        contents.push(...Object.entries<Json>(response.content ?? {}));
      }
      for (const [type, media] of contents) {
        expect(media.schema, `${id} ${type}`).toBeDefined();
        if (type !== PROBLEM) expect(exampleOf(media), `${id} ${type} has no example`).toBeDefined();
      }
    }
  });

  it('the OpenAPI document names only codes that exist, each under its own status or in the default', () => {
    for (const { id, operation } of operations) {
      for (const [status, response] of Object.entries<Json>(operation.responses)) {
        if (status.startsWith('2')) continue;
        const statuses = codesOf(response).map((code) => String(REFUSALS[code]?.http));
        expect([id, status, statuses]).toEqual([
          id,
          status,
          statuses.map((its) => (status === 'default' ? its : status)),
        ]);
        expect(statuses).not.toContain('undefined');
      }
    }
  });

  it('the OpenAPI document names every code that a context refuses with', () => {
    const shown = new Set(
      operations.flatMap(({ operation }) =>
        Object.values<Json>(operation.responses).flatMap((response) => codesOf(response)),
      ),
    );
    // Codes of no operation: an unknown route or method, an unreadable request.
    const ofNone = ['METHOD_NOT_ALLOWED', 'REQUEST_TIMEOUT', 'HEADERS_TOO_LARGE'];
    // Holds are created by orders, and the routers of shards count reservations, so their codes do not reach the API; the sandbox has
    // routes only where it is on.
    const beside = [...ofNone, 'RESERVATIONS_NOT_COUNTED', 'HOLD_NOT_FOUND', 'HOLD_CONFLICT', 'SANDBOX_INCOMPLETE'];
    expect(Object.keys(REFUSALS).filter((code) => !shown.has(code) && !beside.includes(code))).toEqual([]);
  });

  it('the OpenAPI document declares the headers of retries, replays and credentials where they are sent', () => {
    const retried = ['IDEMPOTENCY_KEY_IN_USE', 'RATE_LIMITED', 'OVERLOADED', 'DEPENDENCY_UNAVAILABLE'];
    for (const { id, operation } of operations) {
      const takesKey = operation.parameters.some((parameter: Json) => parameter.name === 'Idempotency-Key');
      for (const [status, response] of Object.entries<Json>(operation.responses)) {
        const codes = codesOf(response);
        const isRetried = codes.some((code) => retried.includes(code));
        expect([id, status, response.headers?.['Retry-After'] !== undefined]).toEqual([id, status, isRetried]);
        const isChallenged = response.headers?.['WWW-Authenticate'] !== undefined;
        expect([id, status, isChallenged]).toEqual([id, status, codes.includes('UNAUTHENTICATED')]);
        if (status.startsWith('2')) {
          // The response to a dry run is never a replay.
          const isReplayable = takesKey && response.description !== 'Of a dry run';
          expect([id, status, response.headers?.['Idempotent-Replayed'] !== undefined]).toEqual([
            id,
            status,
            isReplayable,
          ]);
        }
        for (const header of Object.values<Json>(response.headers ?? {})) expect(header.schema, id).toBeDefined();
      }
    }
  });

  it('every example fits its schema, and none has a date in the past', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addFormat('binary', true);
    ajv.addFormat('password', true);
    const wrong: unknown[] = [];
    const check = (place: string, schema: Json, example: unknown): void => {
      const validate = ajv.compile(schema);
      if (!validate(example))
        wrong.push([place, validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`)]);
      for (const [date] of JSON.stringify(example).matchAll(
        /\d{4}-\d{2}-\d{2}T[\d:.]+Z|(?<=")\d{4}-\d{2}-\d{2}(?=")/g,
      )) {
        if (Date.parse(date) < Date.now()) wrong.push([place, `${date} has passed`]);
      }
    };
    for (const { id, operation } of operations) {
      for (const { name, schema, example } of operation.parameters) {
        if (example !== undefined) check(`${id} ${name}`, schema, example);
      }
      const bodies: Json[] = [operation.requestBody, ...Object.values<Json>(operation.responses)];
      for (const [type, media] of bodies.flatMap((body) => Object.entries<Json>(body?.content ?? {}))) {
        if (type !== PROBLEM) check(`${id} ${type}`, media.schema, exampleOf(media));
      }
    }
    expect(wrong).toEqual([]);
  });

  it('the examples of the OpenAPI document are accepted as bodies', async () => {
    const admin = on.token(testUser(1), 'ADMIN');
    for (const { id, method, path, operation } of operations) {
      const example = operation.requestBody?.content?.['application/json']?.example;
      if (example === undefined) continue;
      const concrete = path.replace(/\{\w+\}/g, '7330011234567890');
      const answer = await on.call(method.toUpperCase(), concrete, { token: admin, json: example });
      const isRefusedAsInvalid = answer.status === 400 && answer.body.code === 'VALIDATION_FAILED';
      expect([id, isRefusedAsInvalid, answer.status === 500]).toEqual([id, false, false]);
    }
  });

  it('every credential and every code of the specification is documented', () => {
    expect(Object.keys(document.components.securitySchemes).sort()).toEqual([
      'accessToken',
      'apiKey',
      'webhookSignature',
    ]);
    expect(document.components.schemas.Problem.required).toContain('code');
    expect(document.info.version).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
  });

  it('the OpenAPI document is served with its pages', async () => {
    const page = await on.call('GET', '/api/docs');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    const scripts = [...page.text.matchAll(/src="([^"]+)"/g)].map(([, path = '']) => path);
    expect(scripts).toEqual([
      expect.stringMatching(/^\/api\/docs\/scalar-[\d.]+\.js$/),
      expect.stringMatching(/^\/api\/docs\/page-\w+\.js$/),
    ]);
    for (const path of scripts) {
      const response = await fetch(on.url + path, { headers: { 'accept-encoding': 'gzip' } });
      expect([path, response.status, response.headers.get('content-encoding')]).toEqual([path, 200, 'gzip']);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
  });

  it('the OpenAPI document is served without aliases for clients, compressed where the client takes that', async () => {
    const { body } = await on.call('GET', '/api/openapi.json?aliases=false');
    const left = Object.values<Json>(body.paths).flatMap((item) => Object.values<Json>(item));
    expect(left.filter(({ deprecated }) => deprecated)).toEqual([]);
    const complete = operations.filter(({ operation }) => !operation.deprecated);
    expect(left.map(({ operationId }) => operationId)).toEqual(complete.map(({ operation }) => operation.operationId));
    const encodings = await Promise.all(
      ['gzip, br', 'identity', 'gzip;q=0'].map(async (encoding) => {
        const response = await fetch(`${on.url}/api/openapi.json`, { headers: { 'accept-encoding': encoding } });
        expect(((await response.json()) as Json).openapi).toBe(document.openapi);
        return response.headers.get('content-encoding');
      }),
    );
    expect(encodings).toEqual(['gzip', null, null]);
    expect((await on.call('GET', '/api/openapi.json?alias=false')).status).toBe(400);
  });
});
