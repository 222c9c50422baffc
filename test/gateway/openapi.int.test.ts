import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REFUSALS } from '../../src/app/refusals.ts';
import { type Stage, stage, testUsers } from '../attacks/support.ts';

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, looked at from every side
type Json = any;
let on: Stage;
const testUser = testUsers();
let document: Json;
let operations: { readonly id: string; readonly method: string; readonly path: string; readonly operation: Json }[];
beforeAll(async () => {
  on = await stage();
  document = (await on.call('GET', '/api/openapi.json')).body;
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
    expect(document.tags.map(({ name }: Json) => name)).toEqual([...used].sort());
    expect(document.paths['/api/v1/notifications/stream'].get.parameters).toContainEqual(
      expect.objectContaining({ name: 'Last-Event-ID', in: 'header', required: false }),
    );
  });

  it('every operation has a summary, tags, a unique id, its security and its responses', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, operation } of operations) {
      expect([id, operation.summary?.length > 0, operation.tags?.length > 0, operation.security?.length > 0]).toEqual([
        id,
        true,
        true,
        true,
      ]);
      expect(
        Object.keys(operation.responses).some((status) => status.startsWith('2')),
        id,
      ).toBe(true);
      expect(operation.responses[500], id).toBeDefined();
      expect(
        Object.keys(operation).filter((name) => name.startsWith('x-')),
        id,
      ).toEqual([]);
    }
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
        expect(
          media.example !== undefined || Object.keys(media.examples ?? {}).length > 0,
          `${id} ${type} has no example`,
        ).toBe(true);
      }
    }
  });

  it('the OpenAPI document names only codes that exist, each under its own status', () => {
    for (const { id, operation } of operations) {
      for (const [status, response] of Object.entries<Json>(operation.responses)) {
        for (const [code, example] of Object.entries<Json>(
          response.content?.['application/problem+json']?.examples ?? {},
        )) {
          expect([id, code, REFUSALS[code]?.http]).toEqual([id, code, Number(status)]);
          expect(example.value).toMatchObject({ code, status: Number(status) });
        }
      }
    }
  });

  it('the OpenAPI document names every code that a context refuses with', () => {
    const shown = new Set(
      operations.flatMap(({ operation }) =>
        Object.values<Json>(operation.responses).flatMap((response) =>
          Object.keys(response.content?.['application/problem+json']?.examples ?? {}),
        ),
      ),
    );
    // Codes of no operation: an unknown route or method, an unreadable request.
    const ofNone = ['METHOD_NOT_ALLOWED', 'REQUEST_TIMEOUT', 'HEADERS_TOO_LARGE'];
    // Holds are created by orders, so their codes do not reach the API; the sandbox has routes only where it is on.
    const beside = [...ofNone, 'HOLD_NOT_FOUND', 'HOLD_CONFLICT', 'SANDBOX_INCOMPLETE'];
    expect(Object.keys(REFUSALS).filter((code) => !shown.has(code) && !beside.includes(code))).toEqual([]);
  });

  it('the OpenAPI document declares the headers of retries, replays and credentials where they are sent', () => {
    const retried = ['IDEMPOTENCY_KEY_IN_USE', 'RATE_LIMITED', 'OVERLOADED', 'DEPENDENCY_UNAVAILABLE'];
    for (const { id, operation } of operations) {
      const takesKey = operation.parameters.some((parameter: Json) => parameter.name === 'Idempotency-Key');
      for (const [status, response] of Object.entries<Json>(operation.responses)) {
        const codes = Object.keys(response.content?.['application/problem+json']?.examples ?? {});
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
        for (const { $ref } of Object.values<Json>(response.headers ?? {})) {
          expect(document.components.headers[$ref.replace('#/components/headers/', '')]?.schema, $ref).toBeDefined();
        }
      }
    }
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
    const script = await on.call('GET', '/api/docs/swagger-ui-bundle.js');
    expect(script.status).toBe(200);
  });
});
