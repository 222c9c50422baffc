// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, type Stage, stage, until } from '../attacks/support.ts';
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider.ts';

let provider: OidcProvider;
let on: Stage | undefined;
let policyId: string;
beforeAll(async () => {
  provider = await startOidcProvider(() => `${on?.url}/api/v1/auth/backchannel-logout/oidc`);
  on = await stage({ issuers: [provider.settings()] });
  policyId = await openPolicy(on, { maxIssueCount: 1_000 });
});
afterAll(async () => {
  await on?.stop();
  await provider.stop();
});

const here = (): Stage => on as Stage;
const profile = (token: string) => here().call('GET', '/api/v1/auth/profile', { token });

describe('an OpenID Connect provider', () => {
  it('lets a customer with any subject get a coupon with the access token of a log-in', async () => {
    const subject = 'b7c1e2d3-0000-4a5b-8c6d-7e8f90a1b2c3';
    const { token } = await provider.logIn(subject);
    const issued = await here().call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token, json: {} });
    expect([issued.status, issued.body.externalId]).toEqual([201, undefined]);
    const { userId } = (await profile(token)).body;
    expect(issued.body.userId).toBe(userId);
    const again = await here().call('POST', `/api/v1/coupons/policies/${policyId}/issue`, {
      token: (await provider.logIn(subject)).token,
      json: {},
    });
    expect([again.status, again.body.code]).toEqual([409, 'COUPON_ALREADY_ISSUED']);
  });

  it('lets a backend act for its customers with a token by client credentials', async () => {
    const token = await provider.machineToken('shop coupons:issue coupons:read');
    const issued = await here().call('POST', `/api/v1/coupons/policies/${policyId}/issue`, {
      token,
      json: { userId: 'ext:oidc:never-seen' },
    });
    expect(issued.body).toMatchObject({ externalId: 'ext:oidc:never-seen', status: 'ISSUED' });
    const { token: customer } = await provider.logIn('never-seen');
    expect((await profile(customer)).body.userId).toBe(issued.body.userId);
    expect((await here().call('GET', '/api/v1/users', { token })).body.code).toBe('SCOPE_MISSING');
  });

  it('may rotate its keys: the first token of a new key is accepted', async () => {
    const { token: before } = await provider.logIn('rotating');
    expect((await profile(before)).status).toBe(200);
    await provider.rotateKeys();
    const { token } = await provider.logIn('rotating');
    expect((await profile(token)).status).toBe(200);
    expect((await profile(before)).status).toBe(200);
  });

  it('may be away: tokens are checked with the keys that are known', async () => {
    const { token } = await provider.logIn('away');
    await until(async () => (await profile(token)).status === 200);
    const { token: second } = await provider.logIn('away-too');
    await provider.stop();
    expect((await profile(second)).status).toBe(200);
    await provider.start();
  });

  it('ends a session by a back-channel logout: its token is refused, and that of the user’s other session is not', async () => {
    const [one, two] = [await provider.logIn('leaving'), await provider.logIn('leaving')];
    expect(one.sid).not.toBe(two.sid);
    for (const { token } of [one, two]) await until(async () => (await profile(token)).status === 200);
    await provider.logOut('leaving', one.sid);
    const refused = await profile(one.token);
    expect([refused.status, refused.body.reason]).toEqual([401, 'SESSION_ENDED']);
    expect((await profile(two.token)).status).toBe(200);
  });
});
