// @module-tag settings
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { readSettings } from '../../src/app/config.ts';
import type { IssuerSettings } from '../../src/platform/http/issuer-tokens/issuer-settings.ts';
import { openPolicy, type Stage, stage } from '../attacks/support.ts';
import { startOidcProvider } from '../support/oidc-provider.ts';
import { startSigningIssuer } from '../support/signing-issuer.ts';

const GUIDE = readFileSync(new URL('../../docs/guides/your-own-users.md', import.meta.url), 'utf8');
type Provider = 'keycloak' | 'auth0' | 'cognito';

/** The block of the guide with this mark. */
function blockOf(kind: 'issuer' | 'token', provider: Provider): string {
  const block = new RegExp(`\`\`\`json ${kind} ${provider}\\n(.+?)\`\`\``, 's').exec(GUIDE)?.[1];
  if (block === undefined) throw new Error(`the guide has no ${kind} of ${provider}`);
  return block;
}
const claimsOf = (provider: Provider): Record<string, unknown> => JSON.parse(blockOf('token', provider));
/** The settings of the guide, for an issuer on this machine. */
function settingsOf(provider: Provider, at: Pick<IssuerSettings, 'issuer' | 'jwksUri' | 'algorithms'>): IssuerSettings {
  const [settings] = readSettings({ JWT_ISSUERS: blockOf('issuer', provider) }).issuers;
  if (settings === undefined) throw new Error(`the guide has no issuer of ${provider}`);
  return { ...settings, ...at };
}

const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.stop();
});
async function stageOf(settings: IssuerSettings): Promise<Stage> {
  const on = await stage({ issuers: [settings] });
  opened.push(on);
  return on;
}
/** A profile, and a coupon by the external id of the profile's user. */
async function expectServed(on: Stage, token: string, name: string): Promise<void> {
  const profile = await on.call('GET', '/api/v1/auth/profile', { token });
  expect([profile.status, profile.body.role]).toEqual([200, 'CUSTOMER']);
  const issued = await on.call('POST', '/api/v1/coupons/issue', {
    token: on.token('2', 'SERVICE', 'coupons:issue'),
    json: { policyId: await openPolicy(on), userId: name },
  });
  expect([issued.body.userId, issued.body.externalId]).toEqual([profile.body.userId, name]);
}

describe('the guide for your own users', () => {
  it('its settings for Keycloak accept a customer, a session that ends, and a service with realm roles and scopes', async () => {
    let on: Stage | undefined;
    const { iss: _, sub, sid: __, ...claims } = claimsOf('keycloak') as { iss: string; sub: string; sid: string };
    const provider = await startOidcProvider(
      () => `${on?.url}/api/v1/auth/backchannel-logout/keycloak`,
      (jwt) => {
        const { payload } = jwt;
        // Keycloak states the kind of a token in its payload, and `JWT` in its header.
        jwt.header = { typ: 'JWT' };
        const isService = payload['client_id'] === 'shop-backend';
        const roles = isService ? ['shop-backend', 'offline_access'] : ['offline_access', 'default-roles-shop'];
        Object.assign(payload, claims, {
          realm_access: { roles },
          scope: isService ? payload['scope'] : 'openid profile email',
        });
      },
    );
    opened.push(provider);
    on = await stageOf(settingsOf('keycloak', { issuer: provider.issuer, jwksUri: undefined, algorithms: ['ES256'] }));
    const { token, sid } = await provider.logIn(sub);
    await expectServed(on, token, `ext:keycloak:${sub}`);
    const machine = await provider.machineToken('coupons:read');
    const read = await on.call('GET', `/api/v1/coupons/users/ext:keycloak:${sub}`, { token: machine });
    expect([read.status, read.body.coupons.length]).toEqual([200, 1]);
    expect((await on.call('GET', '/api/v1/users', { token: machine })).body.code).toBe('SCOPE_MISSING');
    await provider.logOut(sub, sid);
    expect((await on.call('GET', '/api/v1/auth/profile', { token })).body.reason).toBe('SESSION_ENDED');
  });

  it('its settings for Auth0 accept a customer with a connection in the subject, and roles of a claim that is a URL', async () => {
    const { iss: _, sub, ...claims } = claimsOf('auth0') as { iss: string; sub: string };
    const roles: string[] = [];
    const provider = await startOidcProvider(
      () => '',
      ({ payload }) => {
        Object.assign(payload, claims, { 'https://shop.example.com/roles': roles });
        delete payload['realm_access'];
      },
    );
    opened.push(provider);
    const on = await stageOf(
      settingsOf('auth0', { issuer: provider.issuer, jwksUri: undefined, algorithms: ['ES256'] }),
    );
    await expectServed(on, (await provider.logIn(sub)).token, `ext:auth0:${sub}`);
    roles.push('shop-admin');
    const { token } = await provider.logIn('auth0|administrator');
    expect((await on.call('GET', '/api/v1/users', { token })).status).toBe(200);
  });

  it('its settings for Cognito accept access tokens without aud of the app client, and no others', async () => {
    const issuer = await startSigningIssuer('cognito', 'RS256');
    opened.push(issuer);
    const { iss: _, sub, ...claims } = claimsOf('cognito') as { iss: string; sub: string };
    const on = await stageOf(
      settingsOf('cognito', { issuer: issuer.url, jwksUri: `${issuer.url}/jwks`, algorithms: ['RS256'] }),
    );
    const sign = (changes: object) =>
      issuer.sign({ sub, ...claims, aud: undefined, ...changes }, { typ: undefined as never });
    await expectServed(on, await sign({}), `ext:cognito:${sub}`);
    const statusOf = async (changes: object) =>
      (await on.call('GET', '/api/v1/auth/profile', { token: await sign(changes) })).body.reason;
    expect(await statusOf({ client_id: 'another app client' })).toBe('TOKEN_INVALID');
    expect(await statusOf({ client_id: undefined })).toBe('TOKEN_INVALID');
    const idToken = { client_id: undefined, token_use: 'id', aud: 'the id of the app client' };
    expect(await statusOf(idToken)).toBe('TOKEN_INVALID');
    for (const aud of ['https://another-api.example.com', ['https://another-api.example.com'], [], ''])
      expect(await statusOf({ aud })).toBe('TOKEN_INVALID');
    for (const aud of ['the id of the app client', ['https://another-api.example.com', 'the id of the app client']])
      expect(await statusOf({ aud })).toBeUndefined();
    expect(await statusOf({ client_id: 'another app client', aud: 'the id of the app client' })).toBe('TOKEN_INVALID');
    const admin = await sign({ 'cognito:groups': ['shop-admins'] });
    expect((await on.call('GET', '/api/v1/users', { token: admin })).status).toBe(200);
  });
});
