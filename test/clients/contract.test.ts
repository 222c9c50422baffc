import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { documentOfRoutes } from '../../tools/openapi/document.ts';

interface Named {
  readonly name: string;
}
interface Reference {
  readonly $ref: string;
}
interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly (Named | Reference)[];
  readonly responses: Readonly<Record<string, Reference | { readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: Schema | Reference }>>;

const document = JSON.parse(JSON.stringify(documentOfRoutes({ withoutAliases: true })));
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** What a reference of the document stands for. */
function resolve<Part>(part: Part | Reference): Part {
  if (typeof part !== 'object' || part === null || !('$ref' in part)) return part as Part;
  const names = part.$ref.replace('#/', '').split('/');
  return resolve(names.reduce((at, name) => at[name], document));
}

const operations = Object.entries<Readonly<Record<string, Operation>>>(document.paths).flatMap(([path, item]) =>
  METHODS.flatMap((method) => (item[method] === undefined ? [] : [{ path, method, ...item[method] }])),
);
const has = ({ parameters = [] }: Operation, name: string): boolean =>
  parameters.some((parameter) => resolve<Named>(parameter).name === name);

/** Operations that take no Idempotency-Key, and why the client may repeat them all the same. */
const REPEATABLE: Readonly<Record<string, string>> = {
  logInUser: 'a repeat begins another session, which ends by itself',
  refreshTokens: 'a repeat ends a session whose tokens were lost',
  logOutUser: 'a repeat finds that the session has ended',
  quoteCart: 'it changes nothing',
  previewNotificationJob: 'it changes nothing',
  confirmUnsubscription: 'a repeat finds that it is done',
  submitEmailVerificationPage: 'for browsers, without the client',
  submitPasswordResetPage: 'for browsers, without the client',
  completeSandboxPayment: 'for browsers, without the client',
  endIssuerSessions: 'for other issuers, without the client',
  reportMailEvents: 'for mail providers, without the client',
  reportPayment: 'for payment providers, without the client',
};

it('every operation that changes something takes the Idempotency-Key with which the client repeats it, or is repeatable by itself', () => {
  const keyless = operations.filter((each) => each.method !== 'get' && !has(each, 'Idempotency-Key'));
  expect(keyless.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(REPEATABLE).sort());
});

it('a page of every list has one array, in which the client finds its items', () => {
  const lists = operations.filter((each) => has(each, 'cursor'));
  expect(lists.length).toBeGreaterThan(15);
  for (const { operationId, responses } of lists) {
    const { content } = resolve<{ readonly content?: Content }>(responses['200'] as Reference);
    const { properties = {} } = resolve<Schema>(content?.['application/json']?.schema as Reference);
    const arrays = Object.keys(properties).filter(
      (name) => resolve<Schema>(properties[name] as Schema).type === 'array',
    );
    expect([operationId, arrays.length, 'nextCursor' in properties]).toEqual([operationId, 1, true]);
  }
});

it('the client has every stream', () => {
  const streams = operations.filter(({ responses }) => {
    const { content = {} } = resolve<{ readonly content?: Content }>(responses['200'] ?? {});
    return 'text/event-stream' in content;
  });
  expect(streams.map(({ path }) => path).sort()).toEqual([
    '/api/v1/coupons/policies/{policyId}/stock/stream',
    '/api/v1/jobs/{id}/events',
    '/api/v1/notifications/stream',
    '/api/v1/time-sales/{id}/stream',
  ]);
});

it('every path that the README of the client shows exists', () => {
  const readme = readFileSync('clients/typescript/README.md', 'utf8');
  const shown = [...readme.matchAll(/'(\/api\/v1\/[^']+)'/g)].map(([, path = '']) => path);
  expect(shown.length).toBeGreaterThan(4);
  expect(shown.filter((path) => document.paths[path] === undefined)).toEqual([]);
});
