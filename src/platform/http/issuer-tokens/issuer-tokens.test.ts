import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectingOutage } from '../../../../test/support/outages.ts';
import { type SigningIssuer, startSigningIssuer } from '../../../../test/support/signing-issuer.ts';
import { type IssuerTokens, issuerTokens } from './issuer-tokens.ts';
import { type KeySet, openKeySet } from './key-set.ts';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
let issuer: SigningIssuer;
let keys: KeySet;
let tokens: IssuerTokens;
beforeAll(async () => {
  issuer = await startSigningIssuer();
  const settings = issuer.settings({ algorithms: ['ES256'] });
  keys = openKeySet(settings, { nowMs: () => performance.now(), outage: collectingOutage() });
  tokens = issuerTokens({
    issuers: [{ settings, keys }],
    maxLifetimeSeconds: 600,
    clock: Date.now,
    onInvalid: () => {},
  });
});
afterAll(async () => {
  keys.stop();
  await issuer.stop();
});

test('docs/attacks.md 26: a signature is accepted in one spelling only', async () => {
  const token = await issuer.sign({ sub: 'a' });
  const signatureOf = (text: string) => Buffer.from(text.slice(text.lastIndexOf('.') + 1), 'base64url');
  const spellings = [...BASE64URL]
    .map((char) => `${token.slice(0, -1)}${char}`)
    .filter((text) => signatureOf(text).equals(signatureOf(token)));
  // The last character of the 64 bytes has two bits of them and four spare ones.
  expect(spellings).toHaveLength(16);
  const accepted = [];
  for (const text of [...spellings, `${token}=`, `${token}==`, `${token} `, `${token}\n`]) {
    const checked = await tokens.check(text);
    if (checked !== undefined) accepted.push([text, typeof checked]);
  }
  expect(accepted).toEqual([[token, 'object']]);
});
