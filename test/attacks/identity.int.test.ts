import { request as httpRequest } from 'node:http';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { resolvedDocument } from '../support/resolved-document.ts';
import {
  type Answer,
  call,
  configOf,
  keepEvents,
  newEmail,
  openPolicy,
  RUN_NUMBER,
  type Stage,
  stage,
  testUsers,
  until,
} from './support.ts';

const AUTH = '/api/v1/auth';
const PASSWORD = 'correct horse battery';

interface Person {
  readonly email: string;
  readonly userId: string;
}
interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const testUser = testUsers();

async function signUp(on: Stage, changes: Readonly<Record<string, unknown>> = {}): Promise<Person> {
  const email = newEmail('person');
  const answer = await on.call('POST', `${AUTH}/signup`, {
    json: { email, password: PASSWORD, name: 'Ada', ...changes },
  });
  expect(answer.status, answer.text).toBe(201);
  return { email, userId: answer.body.userId };
}
async function logIn(on: Stage, email: string): Promise<Tokens> {
  const answer = await on.call('POST', `${AUTH}/login`, { json: { email, password: PASSWORD } });
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}
const profile = (on: Stage, token: string): Promise<Answer> => on.call('GET', `${AUTH}/profile`, { token });
const refresh = (on: Stage, refreshToken: string): Promise<Answer> =>
  on.call('POST', `${AUTH}/refresh`, { json: { refreshToken } });

/** The parts of a response that a client can compare, without the request id. */
const shownIn = ({ status, headers, body }: Answer) => ({
  status,
  headers: [...headers.keys()].sort(),
  body: { ...body, requestId: '' },
});

describe('identity', () => {
  let on: Stage;
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) });
  beforeAll(async () => {
    on = await stage({}, { log });
  });
  afterAll(() => on.stop());

  describe('docs/attacks.md 8: what the server decides is not taken from a client', () => {
    test.each([
      { role: 'ADMIN' },
      { role: 'SERVICE' },
      { userId: '1' },
      { id: '1' },
      { balance: 1_000_000 },
      { createdAt: '2020-01-01T00:00:00Z' },
      { passwordHash: '$argon2id$' },
    ])('a sign-up with %j is refused and stores no user', { tags: 'rows' }, async (extra) => {
      const email = newEmail('greedy');
      const json = { email, password: PASSWORD, name: 'Ada', ...extra };
      const answer = await on.call('POST', `${AUTH}/signup`, { json });
      expect([answer.status, answer.body.code, answer.body.errors[0].field]).toEqual([
        400,
        'VALIDATION_FAILED',
        Object.keys(extra)[0],
      ]);
      const { rows } = await on.query('select 1 from identity.users where email = $1', [email]);
      expect(rows).toEqual([]);
    });

    test.each([{ role: 'ADMIN' }, { email: 'other@example.com' }, { userId: '1' }, { password: 'another password' }])(
      'a change of a profile with %j is refused',
      async (extra) => {
        const { email } = await signUp(on);
        const { accessToken: token } = await logIn(on, email);
        const before = await profile(on, token);
        const answer = await on.call('PATCH', `${AUTH}/profile`, { token, json: { name: 'Mallory', ...extra } });
        expect(answer.status).toBe(400);
        expect((await profile(on, token)).body).toEqual(before.body);
      },
    );

    test.each([
      ['email', { email: 'a@b' }],
      ['email', { email: 'ada@example.com\r\nBcc: all@example.com' }],
      ['password', { password: 'short' }],
      ['password', { password: 'x'.repeat(129) }],
      ['name', { name: '' }],
      ['name', { name: 'a\0b' }],
      ['name', { name: ['Ada'] }],
      ['marketingConsent', { marketingConsent: 'yes' }],
    ])('the refusal of a sign-up names the field %s when it is %j', async (field, bad) => {
      const json = { email: 'bad@example.com', password: PASSWORD, name: 'Ada', ...bad };
      const answer = await on.call('POST', `${AUTH}/signup`, { json });
      expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, field]);
    });
  });

  test('an e-mail address is taken in any case and any Unicode composition', async () => {
    await signUp(on, { email: `Hangul-한${RUN_NUMBER}@Example.com` });
    const json = { email: `hANGUL-한${RUN_NUMBER}@eXAMPLE.COM`.normalize('NFD'), password: PASSWORD, name: 'Ada' };
    const answer = await on.call('POST', `${AUTH}/signup`, { json, headers: { 'accept-language': 'ko' } });
    expect([answer.status, answer.body.code, answer.body.title]).toEqual([
      409,
      'EMAIL_TAKEN',
      '이미 사용 중인 이메일입니다',
    ]);
  });

  describe('docs/attacks.md 23: a refresh token and an access token do not pass for each other', () => {
    test('a refresh token is refused on every route', async () => {
      const { refreshToken } = await logIn(on, (await signUp(on)).email);
      const answer = await profile(on, refreshToken);
      expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHENTICATED']);
      expect((await refresh(on, refreshToken)).status).toBe(200);
    });

    test('an access token is not exchanged for new ones', async () => {
      const { accessToken } = await logIn(on, (await signUp(on)).email);
      const answer = await refresh(on, accessToken.slice(0, 256));
      expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHENTICATED']);
    });
  });

  describe('docs/attacks.md 25: ended sessions', () => {
    test('an ended session is refused at once on its node, and by another node within 30 s, although both had accepted its token', {
      tags: 'settings',
    }, async () => {
      const other = await startServer(configOf(on.database.url));
      try {
        const { accessToken, refreshToken } = await logIn(on, (await signUp(on)).email);
        const there = () => call(other.url, 'GET', `${AUTH}/profile`, { token: accessToken });
        expect([(await profile(on, accessToken)).status, (await there()).status]).toEqual([200, 200]);
        const out = await on.call('POST', `${AUTH}/logout`, { json: { refreshToken } });
        expect([out.status, out.text]).toEqual([204, '']);
        expect((await profile(on, accessToken)).status).toBe(401);
        expect((await refresh(on, refreshToken)).status).toBe(401);
        await until(async () => (await there()).status === 401);
      } finally {
        await other.stop();
      }
    });

    test('a session ends for thief and owner when a rotated refresh token is used', async () => {
      const first = await logIn(on, (await signUp(on)).email);
      const second = await refresh(on, first.refreshToken);
      expect((await profile(on, second.body.accessToken)).status).toBe(200);
      expect((await refresh(on, first.refreshToken)).status).toBe(401);
      expect((await refresh(on, second.body.refreshToken)).status).toBe(401);
      await until(async () => (await profile(on, second.body.accessToken)).status === 401);
    });

    test('of ten concurrent refreshes with one token one gets tokens, and they are the last', async () => {
      const { refreshToken } = await logIn(on, (await signUp(on)).email);
      const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(on, refreshToken)));
      const won = answers.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(9);
      expect((await refresh(on, won[0]?.body.refreshToken)).status).toBe(401);
    });

    test('a log-out of an ended session gets the same response as an unknown token', async () => {
      const { refreshToken } = await logIn(on, (await signUp(on)).email);
      const out = (token: string) => on.call('POST', `${AUTH}/logout`, { json: { refreshToken: token } });
      const answers = [await out(refreshToken), await out(refreshToken), await out('nonsense')];
      expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(3).fill([204, '']));
    });
  });

  test('docs/attacks.md 28: a log-in with an unknown and a known e-mail address gets the same response', async () => {
    const { email } = await signUp(on);
    const tryAs = (name: string) =>
      on.call('POST', `${AUTH}/login`, { json: { email: name, password: 'wrong password' } });
    const known = shownIn(await tryAs(email));
    expect([known.status, known.body.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(shownIn(await tryAs('nobody@example.com'))).toEqual(known);
    expect(shownIn(await tryAs('not an address'))).toEqual(known);
    // The time: each of the three did one argon2id verification; identity-service-suite.ts counts them.
  });

  test('docs/attacks.md 30: stored passwords are argon2id with OWASP’s parameters, each with its own salt', {
    tags: 'rows',
  }, async () => {
    await signUp(on);
    await signUp(on);
    const { rows } = await on.query<{ hash: string }>('select password_hash as hash from identity.users');
    expect(rows.length).toBeGreaterThanOrEqual(3);
    for (const { hash } of rows) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(new Set(rows.map(({ hash }) => hash)).size).toBe(rows.length);
  });

  test('docs/attacks.md 31: while 200 log-ins wait for their hash, coupons are issued and healthz responds', {
    tags: 'process',
  }, async () => {
    const policyId = await openPolicy(on);
    const gauges = async () => {
      const { text } = await on.call('GET', '/metrics');
      const read = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
      return { running: read('stampede_password_hashes_running'), waiting: read('stampede_password_hashes_waiting') };
    };
    // A fast machine would have hashed them all before the gauges are read: who was served logs in again until they were.
    let isRead = false;
    const attempts = Array.from({ length: 200 }, async (_, index) => {
      const json = { email: newEmail(`stuffed-${index}`), password: PASSWORD };
      for (;;) {
        const answer = await on.call('POST', `${AUTH}/login`, { json });
        if (isRead || answer.status !== 401) return answer;
      }
    });
    await until(async () => (await gauges()).waiting >= 100);
    for (let user = 1; user <= 20; user++) {
      const path = `/api/v1/coupons/policies/${policyId}/issue`;
      const issued = await on.call('POST', path, { token: on.token(String(user)), json: {} });
      expect(issued.status, issued.text).toBe(201);
    }
    expect((await on.call('GET', '/healthz')).status).toBe(200);
    const { running, waiting } = await gauges();
    expect(waiting).toBeGreaterThan(0);
    expect(running).toBeGreaterThan(0);
    expect(running).toBeLessThanOrEqual(4);
    isRead = true;
    const answers = await Promise.all(attempts);
    // More than wait at once are refused before they are read, and wait nowhere.
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 503]));
    for (const { status, headers } of answers) if (status === 503) expect(headers.get('retry-after')).toMatch(/^[15]$/);
  });

  describe('API keys', () => {
    const makeKey = async (headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
      const json = { name: 'till', scopes: ['users:read'] };
      const answer = await on.call('POST', `${AUTH}/api-keys`, {
        token: on.token(testUser(1), 'ADMIN'),
        json,
        headers,
      });
      expect(answer.status, answer.text).toBe(201);
      return answer;
    };

    test.each(['CUSTOMER', 'OWNER', 'SERVICE'] as const)(
      'docs/attacks.md 33: the role %s cannot reach API keys',
      async (role) => {
        const token = on.token(testUser(77), role);
        const json = { name: 'mine' };
        expect((await on.call('POST', `${AUTH}/api-keys`, { token, json })).status).toBe(403);
        expect((await on.call('GET', `${AUTH}/api-keys`, { token })).status).toBe(403);
        expect((await on.call('DELETE', `${AUTH}/api-keys/1`, { token })).status).toBe(403);
        expect((await on.call('PATCH', `${AUTH}/api-keys/1`, { token, json })).status).toBe(403);
      },
    );

    test('an API key is accepted until it is revoked, and by no node after 30 s', async () => {
      const { body } = await makeKey();
      const { userId } = await signUp(on);
      const use = () => on.call('GET', `${AUTH}/profile`, { token: body.secret, headers: { 'x-user-id': userId } });
      expect((await use()).body.userId).toBe(userId);
      const revoke = () =>
        on.call('DELETE', `${AUTH}/api-keys/${body.apiKeyId}`, { token: on.token(testUser(1), 'ADMIN') });
      const revoked = await revoke();
      expect([revoked.status, revoked.text]).toEqual([204, '']);
      const again = await revoke();
      expect([again.status, again.body.code]).toEqual([404, 'API_KEY_NOT_FOUND']);
      await until(async () => (await use()).status === 401);
    });

    test('a change of an API key takes effect without a new secret, and only for what it names', async () => {
      const { body } = await makeKey();
      const { userId } = await signUp(on);
      const use = () =>
        on.call('GET', `${AUTH}/profile`, { headers: { 'x-api-key': body.secret, 'x-user-id': userId } });
      const change = (json: object) =>
        on.call('PATCH', `${AUTH}/api-keys/${body.apiKeyId}`, { token: on.token(testUser(1), 'ADMIN'), json });
      expect((await use()).status).toBe(200);
      const { secret: _, lastUsedAt: _used, ...before } = body;
      const expiresAt = new Date(Date.now() + 60_000).toISOString();
      const changed = await change({ name: 'counter', scopes: ['orders:read'], rateLimit: 600, expiresAt });
      const { lastUsedAt: _at, ...after } = changed.body;
      expect(after).toEqual({ ...before, name: 'counter', scopes: ['orders:read'], rateLimit: 600, expiresAt });
      await until(async () => (await use()).status === 403);
      const back = await change({ scopes: ['users:read'], rateLimit: null, expiresAt: null });
      expect(back.body).toMatchObject({ name: 'counter', rateLimit: null, expiresAt: null });
      await until(async () => (await use()).status === 200);
    });

    test.each([
      [{ rateLimit: 0 }, 'rateLimit'],
      [{ rateLimit: 1.5 }, 'rateLimit'],
      [{ scopes: ['everything'] }, 'scopes.0'],
      [{ name: ' ' }, 'name'],
      [{ expiresAt: '2026-01-01T00:00:00Z' }, 'expiresAt'],
      [{ secret: 'sk_stampede_1' }, 'secret'],
    ])('an API key cannot be changed to %j', async (json, field) => {
      const { body } = await makeKey();
      const path = `${AUTH}/api-keys/${body.apiKeyId}`;
      const refused = await on.call('PATCH', path, { token: on.token(testUser(1), 'ADMIN'), json });
      expect([refused.status, refused.body.errors?.[0].field]).toEqual([400, field]);
    });

    test('a revoked or unknown API key cannot be changed', async () => {
      const { body } = await makeKey();
      const token = on.token(testUser(1), 'ADMIN');
      await on.call('DELETE', `${AUTH}/api-keys/${body.apiKeyId}`, { token });
      for (const id of [body.apiKeyId, '1']) {
        const refused = await on.call('PATCH', `${AUTH}/api-keys/${id}`, { token, json: { name: 'other' } });
        expect([refused.status, refused.body.code]).toEqual([404, 'API_KEY_NOT_FOUND']);
      }
    });

    test('API keys are listed page by page, without their secrets', async () => {
      const { body } = await makeKey();
      await makeKey();
      const list = (query: string) =>
        on.call('GET', `${AUTH}/api-keys?${query}`, { token: on.token(testUser(1), 'ADMIN') });
      const first = await list('limit=1');
      expect([first.body.apiKeys.length, first.body.hasMore]).toEqual([1, true]);
      const second = await list(`limit=1&cursor=${first.body.nextCursor}`);
      expect(second.body.apiKeys[0].apiKeyId).toBe(body.apiKeyId);
      expect(second.text).not.toContain(body.secret);
      expect((await list('limit=1000000000')).status).toBe(400);
    });

    test('docs/attacks.md 55: an idempotency key creates one API key, and its repeat contains no secret, which is stored nowhere', {
      tags: 'rows',
    }, async () => {
      const { body: first } = await makeKey({ 'idempotency-key': 'make-one' });
      const again = await makeKey({ 'idempotency-key': 'make-one' });
      const { secret, ...shown } = first;
      expect([again.status, again.body, again.headers.get('idempotent-replayed')]).toEqual([201, shown, 'true']);
      const kept = await on.query('select 1 from platform.command_results where position($1 in result) > 0', [
        Buffer.from(secret.slice(-20)),
      ]);
      expect(kept.rows).toEqual([]);
    });
  });

  test('a change of a profile is replayed by its idempotency key, and stored once', async () => {
    const { accessToken: token } = await logIn(on, (await signUp(on)).email);
    const change = (name: string) =>
      on.call('PATCH', `${AUTH}/profile`, { token, json: { name }, headers: { 'idempotency-key': 'rename' } });
    const first = await change('Grace');
    await on.call('PATCH', `${AUTH}/profile`, { token, json: { name: 'Later' } });
    const repeated = await change('Grace');
    expect([repeated.text, repeated.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
    expect((await change('Other')).status).toBe(422);
    expect((await profile(on, token)).body.name).toBe('Later');
  });

  test('a user of the shop’s own login has no profile here', async () => {
    const token = on.token('123456789');
    const read = await profile(on, token);
    expect([read.status, read.body.code]).toEqual([404, 'USER_NOT_FOUND']);
    const changed = await on.call('PATCH', `${AUTH}/profile`, { token, json: { name: 'Ada' } });
    expect([changed.status, changed.body.code]).toEqual([404, 'USER_NOT_FOUND']);
  });

  test('docs/attacks.md 36: responses contain exactly the documented fields', async () => {
    const admin = on.token(testUser(1), 'ADMIN');
    const json = { email: newEmail('fields'), password: PASSWORD, name: 'Ada', marketingConsent: true };
    const user = [
      'createdAt',
      'email',
      'emailVerified',
      'language',
      'marketingConsent',
      'name',
      'profileImageUrl',
      'role',
      'userId',
    ];
    const tokens = ['accessToken', 'expiresIn', 'refreshToken'];
    const key = ['apiKeyId', 'createdAt', 'expiresAt', 'lastUsedAt', 'name', 'prefix', 'rateLimit', 'scopes'];
    const fields = (value: object) => Object.keys(value).sort();
    expect(fields((await on.call('POST', `${AUTH}/signup`, { json })).body)).toEqual(user);
    const pair = await logIn(on, json.email);
    expect(fields(pair)).toEqual(tokens);
    expect(fields((await refresh(on, pair.refreshToken)).body)).toEqual(tokens);
    const image = { profileImageUrl: 'https://img.example/a.png' };
    const changed = await on.call('PATCH', `${AUTH}/profile`, { token: pair.accessToken, json: image });
    expect(changed.body).toMatchObject(image);
    expect(fields(changed.body)).toEqual(user);
    expect(fields((await profile(on, pair.accessToken)).body)).toEqual(user);
    const made = await on.call('POST', `${AUTH}/api-keys`, { token: admin, json: { name: 'till' } });
    expect(fields(made.body)).toEqual([...key, 'secret'].sort());
    const listed = await on.call('GET', `${AUTH}/api-keys`, { token: admin });
    expect(fields(listed.body)).toEqual(['apiKeys', 'hasMore', 'nextCursor']);
    expect(fields(listed.body.apiKeys[0])).toEqual(key);
  });

  interface Media {
    readonly schema: { readonly additionalProperties?: boolean };
    readonly example?: unknown;
  }

  test('the OpenAPI document states every body and parameter of identity', async () => {
    const body = await resolvedDocument(on);
    const operations = Object.keys(body.paths)
      // The body of a back-channel logout may have further fields, by its standard.
      .filter((path) => path.startsWith(AUTH) && !path.includes('backchannel-logout'))
      .flatMap((path) =>
        Object.keys(body.paths[path]).map((method) => ({ path, method, ...body.paths[path][method] })),
      );
    expect(operations).toHaveLength(18);
    for (const { path, method, parameters, requestBody } of operations) {
      const [media] = Object.values<Media>(requestBody?.content ?? {});
      const takesBody = method !== 'get' && method !== 'delete';
      expect([path, media?.schema.additionalProperties, media?.example !== undefined]).toEqual([
        path,
        takesBody ? false : undefined,
        takesBody,
      ]);
      const named = parameters.filter((parameter: { in: string }) => parameter.in === 'path');
      expect([path, named.length]).toEqual([path, path.includes('{') ? 1 : 0]);
    }
  });

  test('docs/attacks.md 55: no password, token or key is in a log line, an event or a table', {
    tags: 'rows',
  }, async () => {
    const events = await keepEvents(on);
    const password = 'a password to look for';
    const { email } = await signUp(on, { password });
    const login = await on.call('POST', `${AUTH}/login`, { json: { email, password } });
    await on.call('POST', `${AUTH}/login`, { json: { email, password: `${password} wrong` } });
    await on.call('POST', `${AUTH}/login?password=${encodeURIComponent(password)}`, {
      text: `{"password":"${password}`,
    });
    const next = await refresh(on, login.body.refreshToken);
    await profile(on, next.body.accessToken);
    const made = await on.call('POST', `${AUTH}/api-keys`, {
      token: on.token(testUser(1), 'ADMIN'),
      json: { name: 'till' },
    });
    await on.call('GET', `${AUTH}/profile`, { token: made.body.secret });
    await on.call('POST', `${AUTH}/logout`, { json: { refreshToken: next.body.refreshToken } });

    const secretPart = (text: string) => text.slice(text.length - 43);
    const secrets = [password, login.body.accessToken, next.body.accessToken].concat(
      [login.body.refreshToken, next.body.refreshToken, made.body.secret].map(secretPart),
    );
    const { rows: tables } = await on.query<{ name: string }>(`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname in ('identity', 'platform', 'coupon', 'public')`);
    const kept = [...logged];
    for (const { name } of tables) {
      const { rows } = await on.query<{ line: string }>(`select t::text as line from ${name} t`);
      kept.push(...rows.map(({ line }) => line));
    }
    expect(kept.some((line) => line.includes(email))).toBe(true);
    expect((await events()).some((payload) => payload.includes(email))).toBe(true);
    for (const secret of secrets) expect(kept.filter((line) => line.includes(secret))).toEqual([]);
  });
});

describe('docs/attacks.md 29: password stuffing', { tags: 'settings' }, () => {
  let on: Stage;
  beforeAll(async () => {
    on = await stage({ rateLimit: true });
  });
  afterAll(() => on.stop());

  const guess = (base: string, email: string, password = 'wrong password') =>
    call(base, 'POST', `${AUTH}/login`, { json: { email, password } });

  test('the sixth attempt in a minute is refused for any spelling of the address, also with the right password', async () => {
    const { email } = await signUp(on);
    const spellings = [email, email.toUpperCase(), ` ${email}`, email.replace('person', 'ｐｅｒｓｏｎ'), email];
    for (const spelling of spellings) expect((await guess(on.url, spelling)).status).toBe(401);
    const sixth = await guess(on.url, email, PASSWORD);
    expect([sixth.status, sixth.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('an unknown account has the same limit', async () => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) statuses.push((await guess(on.url, 'ghost@example.com')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test('the owner can log in after the window of the limit', async () => {
    const { email } = await signUp(on);
    for (let attempt = 0; attempt < 6; attempt++) await guess(on.url, email);
    // A minute passes for the shared counters; a node of its own remembers no block.
    await on.query('update platform.rate_limits set expire = expire - 61000');
    const later = await startServer(configOf(on.database.url, { rateLimit: true }));
    try {
      expect((await guess(later.url, email, PASSWORD)).status).toBe(200);
    } finally {
      await later.stop();
    }
  });

  test.skipIf(process.platform !== 'linux')('the owner can log in from another address during the attack', async () => {
    const { email } = await signUp(on);
    for (let attempt = 0; attempt < 6; attempt++) await guess(on.url, email);
    expect((await guess(on.url, email, PASSWORD)).status).toBe(429);
    expect(await statusFrom('127.0.0.2', `${on.url}${AUTH}/login`, { email, password: PASSWORD })).toBe(200);
  });
});

function statusFrom(localAddress: string, url: string, json: unknown): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const request = httpRequest(url, { method: 'POST', localAddress, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject).end(JSON.stringify(json));
  });
}
