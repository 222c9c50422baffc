import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider from 'oidc-provider';
import type { IssuerSettings } from '../../src/platform/http/issuer-tokens/issuer-settings.ts';

const RESOURCE = 'urn:shop:api';
const AUDIENCE = 'shop-api';
const SECRET = 'only-tests-know-this-secret-of-a-client';
const REDIRECT = 'https://shop.example.com/callback';

/** A certified OpenID Connect provider on loopback, as a shop would have one. Its users log in without a page. */
export interface OidcProvider {
  readonly issuer: string;
  settings(changes?: Partial<IssuerSettings>): IssuerSettings;
  /** An access token by the authorization code flow with PKCE, of a new session of this user. */
  logIn(subject: string): Promise<{ readonly token: string; readonly sid: string }>;
  /** An access token by client credentials: the subject is the client. */
  machineToken(scope: string): Promise<string>;
  /** Has the provider report the end of a session, as it does when the user logs out. */
  logOut(subject: string, sid: string): Promise<void>;
  /** A new key signs from now on; the old ones stay published. The issuer stays the same. */
  rotateKeys(): Promise<void>;
  /** Ends the server; `start` begins it on the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Changes what the provider would sign, to what another one does. */
export type ShapeToken = (jwt: {
  header: Record<string, unknown> | undefined;
  payload: Record<string, unknown>;
}) => void;

/** @param logoutUri returns where logouts are reported */
export async function startOidcProvider(logoutUri: () => string, shape: ShapeToken = () => {}): Promise<OidcProvider> {
  const keys: JWK[] = [await newKey('first')];
  let handle: ReturnType<Provider['callback']> | undefined;
  let provider: Provider;
  const server = createServer((request, response) => void handle?.(request, response));
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const cookieSecret = 'only-tests-know-this-secret-of-cookies';

  function configure(): void {
    provider = new Provider(issuer, {
      jwks: { keys: [...keys] as never },
      // To the address of the test, and without the guard that refuses addresses of this machine.
      fetch: (_, { dispatcher: __, ...options }: RequestInit & { readonly dispatcher?: unknown } = {}) =>
        fetch(logoutUri(), options),
      cookies: { keys: [cookieSecret] },
      clients: [
        {
          client_id: 'shop-web',
          client_secret: SECRET,
          redirect_uris: [REDIRECT],
          backchannel_logout_uri: 'https://shop.example.com/logout',
          backchannel_logout_session_required: true,
          id_token_signed_response_alg: 'ES256',
        },
        {
          client_id: 'shop-backend',
          client_secret: SECRET,
          redirect_uris: [],
          response_types: [],
          grant_types: ['client_credentials'],
          id_token_signed_response_alg: 'ES256',
        },
      ],
      // All of them, so that the provider prints no advice.
      ttl: {
        ...{ AccessToken: 300, AuthorizationCode: 60, ClientCredentials: 300, IdToken: 300 },
        ...{ Grant: 3_600, Interaction: 60, Session: 3_600 },
      },
      clientDefaults: { id_token_signed_response_alg: 'ES256' },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      async loadExistingGrant(ctx) {
        const { session, client } = ctx.oidc;
        const grant = new ctx.oidc.provider.Grant({
          ...(session?.accountId !== undefined && { accountId: session.accountId }),
          ...(client !== undefined && { clientId: client.clientId }),
        });
        grant.addOIDCScope('openid');
        grant.addResourceScope(RESOURCE, 'shop');
        await grant.save();
        return grant;
      },
      // The session of an access token, as Keycloak states it.
      extraTokenClaims: (ctx, token) => {
        const sid = 'sid' in token ? token.sid : ctx.oidc.session?.sidFor('shop-web');
        const roles = token.kind === 'ClientCredentials' ? ['shop-service'] : [];
        return { ...(sid !== undefined && { sid }), realm_access: { roles } };
      },
      formats: { customizers: { jwt: (_, __, jwt) => shape(jwt as Parameters<ShapeToken>[0]) } },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        backchannelLogout: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => RESOURCE,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: 'shop coupons:issue coupons:read users:read',
            audience: AUDIENCE,
            accessTokenTTL: 300,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
    });
    const inner = provider.callback();
    handle = async (request, response) => {
      if (!request.url?.startsWith('/interaction/')) return inner(request, response);
      const accountId = request.headers['x-test-subject'] as string;
      await provider.interactionFinished(request, response, { login: { accountId } });
    };
  }
  configure();

  async function token(fields: Readonly<Record<string, string>>, client: string): Promise<string> {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client}:${SECRET}`).toString('base64')}` },
      body: new URLSearchParams(fields),
    });
    const body = (await response.json()) as { readonly access_token?: string };
    if (body.access_token === undefined) throw new Error(`no token: ${JSON.stringify(body)}`);
    return body.access_token;
  }

  return {
    issuer,
    settings: (changes = {}) => ({
      name: 'oidc',
      issuer,
      jwksUri: undefined,
      audiences: [AUDIENCE],
      audienceClaim: 'aud',
      logoutAudiences: ['shop-web'],
      algorithms: ['ES256'],
      subjectClaim: 'sub',
      subjectIsUserId: false,
      rolesClaim: 'realm_access.roles',
      roleMapping: new Map([['shop-service', 'SERVICE']]),
      scopesClaim: 'scope',
      ...changes,
    }),
    async logIn(subject) {
      const verifier = 'a-verifier-of-pkce-that-is-long-enough-for-the-standard';
      const challenge = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier))).toString('base64url');
      const query = new URLSearchParams({
        client_id: 'shop-web',
        response_type: 'code',
        redirect_uri: REDIRECT,
        scope: 'openid shop',
        resource: RESOURCE,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      });
      const code = await followTo(REDIRECT, `${issuer}/auth?${query}`, subject);
      const access = await token(
        { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier, resource: RESOURCE },
        'shop-web',
      );
      const { sid } = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
      return { token: access, sid };
    },
    machineToken: (scope) => token({ grant_type: 'client_credentials', scope, resource: RESOURCE }, 'shop-backend'),
    async logOut(subject, sid) {
      const client = await provider.Client.find('shop-web');
      await (client as unknown as { backchannelLogout(sub: string, sid: string): Promise<void> }).backchannelLogout(
        subject,
        sid,
      );
    },
    async rotateKeys() {
      keys.unshift(await newKey(`rotated-${keys.length}`));
      configure();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    start: () => listen(server, port),
  };
}

async function newKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' };
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));

/** Follows redirects with their cookies, as a browser does. Returns the code that arrives at `target`. */
async function followTo(target: string, start: string, subject: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let step = 0; step < 10; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie, 'x-test-subject': subject } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`no redirect from ${url}: ${response.status} ${await response.text()}`);
    url = new URL(location, url).href;
    if (url.startsWith(target)) {
      const { searchParams } = new URL(url);
      const code = searchParams.get('code');
      if (code === null) throw new Error(`no code: ${url}`);
      return code;
    }
  }
  throw new Error('too many redirects');
}
