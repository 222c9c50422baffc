import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SigningIssuer, startSigningIssuer } from '../../../test/support/signing-issuer.ts';
import { readSettings } from '../config.ts';
import { ALL } from '../parts.ts';
import { ISSUER_CHECKS } from './issuer-checks.ts';
import { runDoctor } from './run-doctor.ts';

let issuer: SigningIssuer;
beforeAll(async () => {
  issuer = await startSigningIssuer();
});
afterAll(() => issuer.stop());

/** The findings about an issuer of these settings; undefined is no issuer. */
async function findingsOf(changes: object | undefined): Promise<readonly string[]> {
  const entry = { name: 'login', issuer: issuer.url, audiences: ['shop-api'], algorithms: ['ES256'], ...changes };
  const settings = readSettings(changes === undefined ? {} : { JWT_ISSUERS: JSON.stringify([entry]) });
  const lines = await runDoctor({ settings, target: ALL, processes: 0 }, ISSUER_CHECKS);
  return lines.map(({ check, verdict, text }) => `${check}: ${verdict}: ${text}`);
}
const jwksUri = () => `${issuer.url}/jwks`;

test('without other issuers nothing is examined', async () => {
  expect(await findingsOf(undefined)).toEqual([]);
});

test('an issuer whose keys can be used is fine', async () => {
  expect(await findingsOf({ jwksUri: jwksUri() })).toEqual(['other issuers: ok: login has 1 usable key']);
});

test('an issuer without a key for its algorithms is a failure', async () => {
  expect(await findingsOf({ jwksUri: jwksUri(), algorithms: ['RS256'] })).toEqual([
    expect.stringMatching(/: fail: login has no key for RS256\. Correct `algorithms`/),
  ]);
});

test('an issuer whose discovery document is missing is a failure that names the address', async () => {
  expect(await findingsOf({})).toEqual([
    expect.stringMatching(
      /: fail: The keys of login cannot be read: .+openid-configuration responded with status 404\. Start it/,
    ),
  ]);
});

test.each(['account', 'https://shop.eu.auth0.com/userinfo'])(
  'an audience that tokens for other applications have is a warning: %s',
  async (audience) => {
    expect(await findingsOf({ jwksUri: jwksUri(), audiences: [audience] })).toEqual([
      'other issuers: ok: login has 1 usable key',
      expect.stringMatching(/: warn: login accepts the audience .+ Give the issuer an audience of this server/),
    ]);
  },
);

test('an issuer that names users by ids of this system and makes administrators is a warning', async () => {
  const roles = { rolesClaim: 'roles', roleMapping: { boss: 'ADMIN' } };
  expect(await findingsOf({ jwksUri: jwksUri(), subjectIsUserId: true, ...roles })).toEqual([
    'other issuers: ok: login has 1 usable key',
    expect.stringMatching(/: warn: login states ids of this system/),
  ]);
  expect(await findingsOf({ jwksUri: jwksUri(), ...roles })).toHaveLength(1);
});
