import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { collectingOutage } from '../../../../test/support/outages.ts';
import { type SigningIssuer, startSigningIssuer } from '../../../../test/support/signing-issuer.ts';
import { type KeySet, openKeySet } from './key-set.ts';

let issuer: SigningIssuer;
let keys: KeySet;
let nowMs = 0;
const errors: unknown[] = [];
async function open(): Promise<void> {
  issuer = await startSigningIssuer();
  keys = openKeySet(issuer.settings(), { nowMs: () => nowMs, outage: collectingOutage(errors) });
}
afterEach(async () => {
  keys.stop();
  await issuer.stop();
});
const header = (kid: string) => ({ alg: 'ES256', kid });

it('a set of keys is read once for any number of tokens with unknown keys, and again after the cool-down', async () => {
  await open();
  expect(await keys.keyFor(header('login-1'))).toBeDefined();
  expect(issuer.reads()).toBe(1);
  const unknown = await Promise.all(['a', 'b', 'c', 'd'].map((kid) => keys.keyFor(header(kid))));
  expect([unknown, issuer.reads()]).toEqual([[undefined, undefined, undefined, undefined], 2]);
  await issuer.addKey();
  expect(await keys.keyFor(header('login-2'))).toBeUndefined();
  nowMs += 10_000;
  expect(await keys.keyFor(header('login-2'))).toBeDefined();
  expect(issuer.reads()).toBe(3);
});

it('a set of keys has a cool-down also while reading them fails', async () => {
  await open();
  await keys.keyFor(header('login-1'));
  issuer.respondWith((response) => response.writeHead(500).end());
  nowMs += 10_000;
  for (const kid of ['a', 'b', 'c']) expect(await keys.keyFor(header(kid))).toBeUndefined();
  expect(issuer.reads()).toBe(2);
  await expect(keys.check()).rejects.toThrow('responded with status 500');
  expect(await keys.keyFor(header('login-1'))).toBeDefined();
});

it('a set of keys has another version after keys were withdrawn, and not after a read without a change', async () => {
  await open();
  await keys.keyFor(header('login-1'));
  const before = keys.version();
  nowMs += 10_000;
  await keys.keyFor(header('a'));
  expect(keys.version()).toBe(before);
  await issuer.addKey();
  issuer.withdrawOldKeys();
  nowMs += 10_000;
  await keys.keyFor(header('b'));
  expect(keys.version()).toBe(before + 1);
  expect(await keys.keyFor(header('login-1'))).toBeUndefined();
});

it('a set of keys that was read without a usable key ends the keys before it, and is reported', async () => {
  await open();
  expect(await keys.keyFor(header('login-1'))).toBeDefined();
  const before = keys.version();
  issuer.respondWith((response) => response.end('{"keys":[]}'));
  nowMs += 10_000;
  await keys.keyFor(header('unknown'));
  expect(await keys.keyFor(header('login-1'))).toBeUndefined();
  expect(keys.version()).toBe(before + 1);
  await expect(keys.check()).rejects.toThrow('has no key for');
});

it('a set of keys stays valid for a day while the issuer cannot be read, and not longer', async () => {
  await open();
  expect(await keys.keyFor(header('login-1'))).toBeDefined();
  issuer.respondWith((response) => response.writeHead(500).end());
  nowMs += 86_399_999;
  await keys.keyFor(header('unknown'));
  expect(await keys.keyFor(header('login-1'))).toBeDefined();
  nowMs += 10_000;
  await expect(keys.keyFor(header('unknown'))).rejects.toThrow('are not known');
  await expect(keys.keyFor(header('login-1'))).rejects.toThrow('are not known');
});

it('a set of keys whose discovery document names another issuer is not read, and the error states both', async () => {
  issuer = await startSigningIssuer();
  const discovery = createServer((_request, response) =>
    response.end(JSON.stringify({ issuer: `${base()}/`, jwks_uri: `${issuer.url}/jwks` })),
  );
  const base = (): string => `http://127.0.0.1:${(discovery.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => discovery.listen(0, '127.0.0.1', resolve));
  const settings = issuer.settings({ issuer: base(), jwksUri: undefined });
  keys = openKeySet(settings, { nowMs: () => nowMs, outage: collectingOutage() });
  await expect(keys.check()).rejects.toThrow(`says issuer "${base()}/", and JWT_ISSUERS says "${base()}"`);
  discovery.close();
});
