import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ClientOptions, createClient, type StoredTokens } from '../src/index.ts';
import { type LocalServer, localServer, type Received, sendJson, sendProblem } from './local-server.ts';

const INVALID = { 'www-authenticate': 'Bearer realm="stampede", error="invalid_token", error_description="expired"' };
const WRONG = { 'www-authenticate': 'Bearer realm="stampede", error="invalid_grant", error_description="wrong"' };
const ACCOUNT = { email: 'ada@example.com', password: 'correct horse battery' };
const PROFILE = '/api/v1/auth/profile';

let server: LocalServer;
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

/** Accepts the newest access token. Each refresh token works once, and a second use ends the session. */
async function accounts({ expiresIn = 900, passwordIsRight = true } = {}) {
  let issued = 0;
  let current = 0;
  server = await localServer((response, { path, headers, body }) => {
    const tokens = () => {
      current = ++issued;
      return { accessToken: `access-${current}`, refreshToken: `refresh-${current}`, tokenType: 'Bearer', expiresIn };
    };
    if (path.endsWith('/login')) {
      return passwordIsRight ? sendJson(response, 200, tokens()) : sendProblem(response, 401, 'UNAUTHENTICATED', WRONG);
    }
    if (path.endsWith('/refresh')) {
      if (JSON.parse(body).refreshToken === `refresh-${current}`) return sendJson(response, 200, tokens());
      current = 0;
      return sendProblem(response, 401, 'UNAUTHENTICATED', WRONG);
    }
    if (path.endsWith('/logout')) return response.writeHead(204).end();
    if (path.endsWith('/password')) return sendProblem(response, 401, 'UNAUTHENTICATED', WRONG);
    if (headers.authorization === `Bearer access-${current}`) return sendJson(response, 200, { userId: '7' });
    return sendProblem(response, 401, 'UNAUTHENTICATED', INVALID);
  });
  return {
    client: (credentials: NonNullable<ClientOptions['credentials']>) =>
      createClient({ baseUrl: server.url, credentials, retry: { delayMs: 1 } }),
    endSession: () => {
      current = 0;
    },
  };
}

const requestsTo = (end: string): readonly Received[] => server.received.filter(({ path }) => path.endsWith(end));

function storeWith(first?: StoredTokens) {
  const store = {
    kept: first,
    load: () => store.kept,
    save(tokens: StoredTokens | undefined) {
      store.kept = tokens;
    },
  };
  return store;
}

describe('an account', () => {
  it('logs in once for all requests that are made at first', async () => {
    const client = (await accounts()).client(ACCOUNT);
    const results = await Promise.all(Array.from({ length: 20 }, () => client.GET(PROFILE)));
    expect(results.every(({ data }) => data !== undefined)).toBe(true);
    expect(requestsTo('/login')).toHaveLength(1);
  });

  it('logs in again when its session has ended', async () => {
    const { client: clientWith, endSession } = await accounts();
    const client = clientWith(ACCOUNT);
    await client.GET(PROFILE);
    endSession();
    expect((await client.GET(PROFILE)).data).toBeDefined();
    expect([requestsTo('/refresh').length, requestsTo('/login').length]).toEqual([1, 2]);
  });

  it('returns the refusal of its log-in as that of the request', async () => {
    const client = (await accounts({ passwordIsRight: false })).client(ACCOUNT);
    const results = await Promise.all([client.GET(PROFILE), client.GET(PROFILE)]);
    expect(results.map(({ error }) => error?.code)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    expect(requestsTo('/profile')).toHaveLength(0);
  });
});

describe('a session', () => {
  it.each([
    ['', undefined],
    // As in Node 20, and on pages without a secure context.
    [', also where there are no locks', {}],
  ])('exchanges a token that is not accepted once for all requests, and repeats these%s', async (_, navigator) => {
    if (navigator !== undefined) vi.stubGlobal('navigator', navigator);
    const { client: clientWith } = await accounts();
    const store = storeWith();
    const client = clientWith({ store });
    await client.logIn(ACCOUNT);
    store.kept = { accessToken: 'stale', refreshToken: 'refresh-1', renewAtMs: Number.MAX_SAFE_INTEGER };
    const results = await Promise.all(Array.from({ length: 20 }, () => client.GET(PROFILE)));
    expect(results.every(({ data }) => data !== undefined)).toBe(true);
    expect(requestsTo('/refresh')).toHaveLength(1);
    expect(store.kept).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' });
  });

  it('exchanges a token before it expires', async () => {
    const { client: clientWith } = await accounts();
    const store = storeWith();
    const client = clientWith({ store });
    await client.logIn(ACCOUNT);
    const { accessToken, refreshToken } = store.kept as unknown as StoredTokens;
    store.kept = { accessToken, refreshToken, renewAtMs: Date.now() - 1 };
    await client.GET(PROFILE);
    expect(requestsTo('/profile').map(({ headers }) => headers.authorization)).toEqual(['Bearer access-2']);
  });

  it('uses the tokens that another tab has got for the same store', async () => {
    const { client: clientWith } = await accounts();
    const store = storeWith();
    const [one, other] = [clientWith({ store }), clientWith({ store })];
    await one.logIn(ACCOUNT);
    store.kept = { accessToken: 'stale', refreshToken: 'refresh-1', renewAtMs: Number.MAX_SAFE_INTEGER };
    const results = await Promise.all([one.GET(PROFILE), other.GET(PROFILE)]);
    expect(results.every(({ data }) => data !== undefined)).toBe(true);
    expect(requestsTo('/refresh')).toHaveLength(1);
  });

  it('that has ended leaves the store empty, and requests without a token', async () => {
    const { client: clientWith, endSession } = await accounts();
    const store = storeWith();
    const client = clientWith({ store });
    await client.logIn(ACCOUNT);
    endSession();
    expect((await client.GET(PROFILE)).error?.code).toBe('UNAUTHENTICATED');
    expect(store.kept).toBeUndefined();
    await client.GET(PROFILE);
    expect(requestsTo('/profile').at(-1)?.headers.authorization).toBeUndefined();
  });

  it('is not renewed because a password in the body is wrong', async () => {
    const client = (await accounts()).client({ store: storeWith() });
    await client.logIn(ACCOUNT);
    const { error } = await client.PUT('/api/v1/auth/password', {
      body: { currentPassword: 'wrong', newPassword: 'staple of another kind' },
    });
    expect(error?.code).toBe('UNAUTHENTICATED');
    expect([requestsTo('/password').length, requestsTo('/refresh').length]).toEqual([1, 0]);
  });

  it('ends with a log-out', async () => {
    const { client: clientWith } = await accounts();
    const store = storeWith();
    const client = clientWith({ store });
    await client.logIn(ACCOUNT);
    await client.logOut();
    expect(store.kept).toBeUndefined();
    expect(requestsTo('/logout').map(({ body }) => body)).toEqual(['{"refreshToken":"refresh-1"}']);
  });
});

it('a token that a function returns is asked for again when it is not accepted', async () => {
  await accounts();
  const login = await fetch(`${server.url}/api/v1/auth/login`, { method: 'POST' });
  const { accessToken } = (await login.json()) as { accessToken: string };
  const tokens = ['stale', accessToken, accessToken];
  const client = createClient({ baseUrl: server.url, credentials: { token: () => tokens.shift() ?? '' } });
  expect((await client.GET(PROFILE)).data).toBeDefined();
});
