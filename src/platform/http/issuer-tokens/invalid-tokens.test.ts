import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { collectingOutage } from '../../../../test/support/outages.ts';
import { type SigningIssuer, startSigningIssuer } from '../../../../test/support/signing-issuer.ts';
import { INVALID_CAUSES, type OnInvalidToken, onceAMinute } from './invalid-tokens.ts';
import { type IssuerTokens, issuerTokens } from './issuer-tokens.ts';
import { type KeySet, openKeySet } from './key-set.ts';

let issuer: SigningIssuer;
let keys: KeySet;
let tokens: IssuerTokens;
let reports: Parameters<OnInvalidToken>[] = [];
beforeAll(async () => {
  issuer = await startSigningIssuer();
  const settings = issuer.settings({ algorithms: ['ES256'] });
  keys = openKeySet(settings, { nowMs: () => performance.now(), outage: collectingOutage() });
  tokens = issuerTokens({
    issuers: [{ settings, keys }],
    maxLifetimeSeconds: 600,
    clock: Date.now,
    onInvalid: (...report) => reports.push(report),
  });
});
afterAll(async () => {
  keys.stop();
  await issuer.stop();
});
beforeEach(() => {
  reports = [];
});

const NOW = Math.floor(Date.now() / 1_000);
test.each([
  ['AUDIENCE', { sub: 'a', aud: 'account' }, {}],
  ['KIND', { sub: 'a', typ: 'Refresh' }, {}],
  ['CLAIMS', {}, {}],
  ['KEY', { sub: 'a' }, { kid: 'unknown' }],
  ['HEADER', { sub: 'a' }, { typ: 'logout+jwt' }],
] as const)('a token that is not valid is reported with the cause %s and its issuer', async (cause, claims, header) => {
  expect(await tokens.check(await issuer.sign(claims, header))).toBe('INVALID');
  expect(reports).toEqual([[cause, { issuer: 'login' }]]);
});

test('a token with a wrong signature is reported as one', async () => {
  const [header, payload] = (await issuer.sign({ sub: 'a' })).split('.');
  const [, , signature] = (await issuer.sign({ sub: 'b' })).split('.');
  expect(await tokens.check([header, payload, signature].join('.'))).toBe('INVALID');
  expect(reports).toEqual([['SIGNATURE', { issuer: 'login' }]]);
});

test('a token of an issuer that is not listed is reported with its iss, of at most 200 characters', async () => {
  const long = `${issuer.url}/${'x'.repeat(300)}`;
  for (const iss of [`${issuer.url}/`, long]) {
    expect(await tokens.check(await issuer.sign({ sub: 'a', iss }))).toBe('INVALID');
    expect(reports.at(-1)).toEqual(['ISSUER', { iss: iss.slice(0, 200) }]);
  }
});

test('a logout token for another audience is reported', async () => {
  const token = await issuer.sign({ sub: 'a', aud: 'shop-api' }, { typ: 'logout+jwt' });
  expect(await tokens.checkLogout('login', token)).toBeUndefined();
  expect(reports).toEqual([['AUDIENCE', { issuer: 'login' }]]);
});

test('a valid token and an expired one are not reported', async () => {
  expect(await tokens.check(await issuer.sign({ sub: 'a' }))).toMatchObject({ subject: 'a' });
  expect(await tokens.check(await issuer.sign({ sub: 'a', iat: NOW - 300, exp: NOW - 10 }))).toBe('EXPIRED');
  expect(reports).toEqual([]);
});

test('reports of one cause and issuer are passed on once a minute', () => {
  let nowMs = 0;
  const report = onceAMinute(
    (...passed) => reports.push(passed),
    () => nowMs,
  );
  for (const name of ['login', 'login', 'other']) report('AUDIENCE', { issuer: name });
  for (const iss of ['https://a', 'https://b', undefined]) report('ISSUER', { iss });
  report('KEY', { issuer: 'login' });
  expect(reports).toHaveLength(4);
  nowMs = 59_999;
  report('AUDIENCE', { issuer: 'login' });
  expect(reports).toHaveLength(4);
  nowMs = 60_000;
  report('AUDIENCE', { issuer: 'login' });
  expect(reports.at(-1)).toEqual(['AUDIENCE', { issuer: 'login' }]);
  expect(reports).toHaveLength(5);
});

test('docs/configuration.md lists the causes', () => {
  const page = readFileSync('docs/configuration.md', 'utf8');
  const rows = Object.entries(INVALID_CAUSES).map(([cause, text]) => `| \`${cause}\` | ${text} |`);
  expect(page).toContain(rows.join('\n'));
});
