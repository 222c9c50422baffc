// @module-tag rows
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, type Stage, stage } from '../attacks/support.ts';
import { attemptOf, hasFixture, type KeyedAttempt } from '../idempotency/fixtures.ts';
import { mailSettings } from '../support/mail.ts';
import { resolvedDocument } from '../support/resolved-document.ts';
import { extremesOf, fieldsOf, isShown, type Path, withValue } from './extremes.ts';

// Every field of every operation gets the extremes of its type: nothing fails with a 5xx, and what is accepted is stored as it was sent.

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, looked at from every side
type Json = any;

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Json;
}

const ONLY = process.env['BOUNDS_ONLY'] ?? '';
/** Operations at a time. */
const SIDE_BY_SIDE = 4;
/** A change raises the version, points that leave a balance are negative in the ledger, and a start in the past is now. */
const hasAnotherMeaning = (id: string, field: string): boolean =>
  field === 'version' ||
  ['POST /api/v1/points/use amount', 'POST /api/v1/notification-jobs startsAt'].includes(`${id} ${field}`);

let on: Stage;
let owner: pg.Pool;
let operations: readonly Operation[];
let keys = 0;
beforeAll(async () => {
  on = await stage({ mail: mailSettings() });
  owner = new pg.Pool({ connectionString: on.database.url });
  const document = await resolvedDocument(on);
  operations = Object.entries<Json>(document.paths)
    .flatMap(([path, item]) =>
      Object.entries<Json>(item).map(([method, operation]) => ({
        id: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        operation,
      })),
    )
    // Aliases have the schemas of their operation.
    .filter(({ path, operation }) => path.startsWith('/api/v1/') && operation.deprecated !== true)
    .filter(({ id }) => id.includes(ONLY));
});
afterAll(async () => {
  await owner.end();
  await on.stop();
});

const admin = (): string => on.token('1', 'ADMIN');

/** Runs `check` for each operation, and expects that it finds no failure. */
async function expectNone(check: (operation: Operation) => Promise<readonly unknown[]>): Promise<void> {
  const failures: unknown[] = [];
  const rest = [...operations];
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) failures.push(...(await check(next)));
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  expect(failures).toEqual([]);
}

it('docs/attacks.md 74: every field of every body is refused or stored as it was sent', async () => {
  let accepted = 0;
  await expectNone(async ({ id, method, operation }) => {
    const schema = operation.requestBody?.content?.['application/json']?.schema;
    if (schema === undefined) return [];
    const failures: unknown[] = [];
    let attempt: KeyedAttempt | undefined;
    for (const { at, schema: field } of fieldsOf(schema)) {
      for (const value of extremesOf(field)) {
        attempt ??= await attemptFor(id, operation);
        const answer = await send(method, attempt, withValue(attempt.json ?? {}, at, value));
        if (answer.status < 300) accepted++;
        // A client may send back what it read; the document says which fields of that are ignored.
        const wrong =
          field.description === 'ignored' && answer.status < 500
            ? undefined
            : await wrongOf(answer, id, at, value, attempt.path);
        if (wrong !== undefined) failures.push({ id, at: at.join('.'), value: brief(value), wrong });
        // What was accepted has used up its coupon, order or version.
        if (answer.status < 300 || answer.status >= 500) attempt = undefined;
      }
    }
    return failures;
  });
  // A fixture that is refused for another reason would show nothing.
  if (ONLY === '') expect(accepted).toBeGreaterThan(150);
});

it('every parameter of every path and query is refused or understood', async () => {
  await expectNone(async ({ id, method, path, operation }) => {
    const parameters: readonly Json[] = (operation.parameters ?? []).filter(
      ({ in: place }: Json) => place !== 'header',
    );
    const failures: unknown[] = [];
    for (const { name, in: place, schema } of parameters) {
      for (const value of extremesOf(schema)) {
        // Another path.
        if (place === 'path' && value === '') continue;
        const text = encoded(String(value));
        const target =
          place === 'path'
            ? filled(path.replace(`{${name}}`, text))
            : `${filled(path)}?${withRequired(parameters, name)}${name}=${text}`;
        const answer = await on.call(method, target, {
          token: admin(),
          headers: { 'idempotency-key': `bounds-${++keys}` },
          ...(method === 'GET' ? {} : { json: operation.requestBody?.content?.['application/json']?.example ?? {} }),
        });
        if (answer.status >= 500) failures.push({ id, name, value: brief(value), wrong: answer.status });
      }
    }
    return failures;
  });
});

/** A valid request of the operation: the one whose effect tests of idempotency count, or its example. */
async function attemptFor(id: string, operation: Json): Promise<KeyedAttempt> {
  if (hasFixture(id)) return await attemptOf(id, on, owner);
  const json = operation.requestBody.content['application/json'].example;
  return { path: filled(id.slice(id.indexOf(' ') + 1)), token: admin(), json, effects: async () => 0 };
}

const send = (method: string, { path, token }: KeyedAttempt, json: unknown): Promise<Answer> =>
  on.call(method, path, {
    ...(token === undefined ? {} : { token }),
    json,
    headers: { 'idempotency-key': `bounds-${++keys}` },
  });

/** What is wrong with a response to a body with this value. Undefined: nothing. */
async function wrongOf(answer: Answer, id: string, at: Path, value: unknown, path: string): Promise<unknown> {
  if (answer.status >= 500) return answer.status;
  const [name, ...deeper] = at;
  if (answer.status >= 300 || deeper.length > 0 || typeof name !== 'string' || hasAnotherMeaning(id, name))
    return undefined;
  const shown = await readBack(answer, path);
  for (const body of [answer.body, shown]) {
    if (body?.[name] !== undefined && !isShown(value, body[name])) return { shown: brief(body[name]) };
  }
  return undefined;
}

/** What was created or changed, as it is read afterwards. */
async function readBack({ body }: Answer, path: string): Promise<Json> {
  const ownId = Object.entries<Json>(body ?? {}).find(([name]) => name.endsWith('Id'))?.[1];
  if (ownId === undefined) return undefined;
  const target = path.endsWith(`/${ownId}`) ? path : `${path}/${ownId}`;
  const answer = await on.call('GET', target, { token: admin() });
  return answer.status === 200 ? answer.body : undefined;
}

const filled = (path: string): string => path.replace(/\{\w+\}/g, '7330011234567890');

/** Other parameters of the query without which the one in question is not looked at. */
const withRequired = (parameters: readonly Json[], name: string): string =>
  parameters
    .filter((other) => other.in === 'query' && other.required && other.name !== name)
    .map((other) => `${other.name}=${encodeURIComponent(other.schema.example ?? '1')}&`)
    .join('');

/** Percent-encoded; a lone surrogate as the bytes that a careless encoder sends. */
const encoded = (text: string): string =>
  text.isWellFormed()
    ? encodeURIComponent(text.slice(0, 2_000))
    : encodeURIComponent(text.toWellFormed()).replace('%EF%BF%BD', '%ED%A0%80');

const brief = (value: unknown): unknown => (typeof value === 'string' ? value.slice(0, 60) : value);
