import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AccessClaims, accessTokens, validFor } from './access-token.ts';

const SECRET = 'a secret of at least thirty-two bytes';
const NOW = 1_800_000_000;
const at = (second: number) => accessTokens(SECRET, () => second * 1000);
const CLAIMS: AccessClaims = { sub: '42', role: 'CUSTOMER', iat: NOW, exp: NOW + 900 };
const PAYLOAD = { iss: 'stampede', aud: 'stampede-api', token_use: 'access', ...CLAIMS };

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const forged = (header: unknown, payload: unknown, secret = SECRET): string => {
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};
const HS256 = { alg: 'HS256', typ: 'JWT' };
const isRefused = (token: string, second = NOW): boolean => at(second).verify(token) === undefined;

describe('an access token', () => {
  it('a token that was signed here is verified with its claims', () => {
    const token = at(NOW).sign({ ...CLAIMS, sid: '7' });
    expect(at(NOW).verify(token)).toEqual({ ...CLAIMS, sid: '7' });
  });

  it.each([{ alg: 'HS256' }, { typ: 'JWT', alg: 'HS256' }, { alg: 'HS256', typ: 'at+jwt' }])(
    'a token of another issuer with the header %j is accepted',
    (header) => expect(at(NOW).verify(forged(header, PAYLOAD))).toEqual(CLAIMS),
  );

  it('a token of either secret is accepted while the secret is rotated, and the new one signs', () => {
    const NEW = 'another secret of at least thirty-two bytes';
    const rotating = accessTokens([NEW, SECRET], () => NOW * 1000);
    expect(rotating.verify(at(NOW).sign(CLAIMS))).toEqual(CLAIMS);
    const token = rotating.sign(CLAIMS);
    expect(rotating.verify(token)).toEqual(CLAIMS);
    expect(accessTokens(NEW, () => NOW * 1000).verify(token)).toEqual(CLAIMS);
    expect(isRefused(token)).toBe(true);
  });

  it('a token with the largest possible id is accepted, one above is rejected', () => {
    expect(isRefused(forged(HS256, { ...PAYLOAD, sub: String(2n ** 63n - 1n) }))).toBe(false);
    expect(isRefused(forged(HS256, { ...PAYLOAD, sub: String(2n ** 63n) }))).toBe(true);
  });

  it('docs/attacks.md 20: a token with alg none, in any spelling and with or without a signature, is refused', () => {
    for (const alg of ['none', 'None', 'NONE', '', 'nOnE']) {
      expect(isRefused(`${part({ alg, typ: 'JWT' })}.${part(PAYLOAD)}.`)).toBe(true);
      expect(isRefused(forged({ alg, typ: 'JWT' }, PAYLOAD))).toBe(true);
    }
    expect(isRefused(`${part(HS256)}.${part(PAYLOAD)}.`)).toBe(true);
    expect(isRefused(`${part(HS256)}.${part(PAYLOAD)}`)).toBe(true);
  });

  it('docs/attacks.md 21: a token signed with another algorithm, or with a public key as the secret, is refused', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(PAYLOAD)}`;
    expect(isRefused(`${signed}.${signWith('sha256', Buffer.from(signed), privateKey).toString('base64url')}`)).toBe(
      true,
    );
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(isRefused(forged(HS256, PAYLOAD, pem))).toBe(true);
    for (const alg of ['HS384', 'HS512', 'RS256', 'ES256', 'PS256', 'EdDSA', 'hs256']) {
      expect(isRefused(forged({ alg, typ: 'JWT' }, PAYLOAD))).toBe(true);
    }
  });

  it.each(['kid', 'jku', 'x5u', 'jwk', 'x5c', 'crit', 'b64', 'zip'])(
    'docs/attacks.md 22: a token with %s in its header is refused',
    (name) => {
      expect(isRefused(forged({ ...HS256, [name]: 'http://127.0.0.1/key' }, PAYLOAD))).toBe(true);
    },
  );

  it.each([
    ['iss', 'somebody'],
    ['iss', undefined],
    ['aud', 'other-api'],
    ['aud', ['stampede-api']],
    ['token_use', 'refresh'],
    ['token_use', undefined],
    ['role', 'ROOT'],
    ['role', ['ADMIN']],
    ['role', undefined],
    ['sub', 42],
    ['sub', '0'],
    ['sub', '-1'],
    ['sub', '042'],
    ['sub', '1e3'],
    ['sub', undefined],
    ['sid', 7],
    ['sid', ''],
    ['sid', null],
    ['exp', String(NOW + 900)],
    ['exp', undefined],
    ['exp', NOW + 0.5],
    ['iat', undefined],
    ['iat', null],
    ['nbf', 'now'],
  ])('docs/attacks.md 23: a token whose %s is %j is refused', (name, value) => {
    expect(isRefused(forged(HS256, { ...PAYLOAD, [name]: value }))).toBe(true);
  });

  it.each(['JOSE', 'jwt', 'refresh+jwt', null, 1])('docs/attacks.md 23: a token whose typ is %j is refused', (typ) => {
    expect(isRefused(forged({ alg: 'HS256', typ }, PAYLOAD))).toBe(true);
  });

  it('docs/attacks.md 23: a token whose header or payload is no JSON object is refused', () => {
    for (const odd of [[], 'text', 1, null, true]) {
      expect(isRefused(forged(odd, PAYLOAD))).toBe(true);
      expect(isRefused(forged(HS256, odd))).toBe(true);
    }
    expect(isRefused('')).toBe(true);
    expect(isRefused('..')).toBe(true);
    expect(isRefused('a.b.c.d')).toBe(true);
  });

  it('docs/attacks.md 24: a token is valid from the second of iat (and nbf) to the second before exp, at every check', () => {
    const token = at(NOW).sign(CLAIMS);
    let second = NOW;
    const tokens = accessTokens(SECRET, () => second * 1000);
    const isValidAt = (moment: number): boolean => {
      second = moment;
      return tokens.verify(token) !== undefined;
    };
    expect([NOW - 1, NOW, NOW + 899, NOW + 900, NOW + 899].map(isValidAt)).toEqual([false, true, true, false, true]);
    const later = forged(HS256, { ...PAYLOAD, nbf: NOW + 10 });
    expect([isRefused(later, NOW + 9), isRefused(later, NOW + 10)]).toEqual([true, false]);
  });

  it('docs/attacks.md 24: a token at the millisecond of its end is refused', () => {
    const token = at(NOW).sign(CLAIMS);
    expect(accessTokens(SECRET, () => (NOW + 900) * 1000 - 1).verify(token)).toBeDefined();
    expect(accessTokens(SECRET, () => (NOW + 900) * 1000).verify(token)).toBeUndefined();
  });

  it('docs/attacks.md 26: a token with any one character changed is refused', () => {
    const token = at(NOW).sign(CLAIMS);
    const verifier = at(NOW);
    expect(verifier.verify(token)).toBeDefined();
    for (let place = 0; place < token.length; place++) {
      for (const other of ['A', 'B', '.', '=', '+', ' ']) {
        if (token[place] === other) continue;
        expect(verifier.verify(token.slice(0, place) + other + token.slice(place + 1)), `at ${place}`).toBeUndefined();
      }
    }
  });

  it('docs/attacks.md 26: a token with anything before or after it is refused', () => {
    const token = at(NOW).sign(CLAIMS);
    for (const odd of [`${token}=`, `${token}.`, ` ${token}`, `${token}\n`, `${token}A`, token.toLowerCase()]) {
      expect(isRefused(odd)).toBe(true);
    }
  });

  it('docs/attacks.md 26: a token with the unused bits of its signature set is refused, although it decodes to the same bytes', () => {
    const token = at(NOW).sign(CLAIMS);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(token.at(-1) ?? '');
    const twin = token.slice(0, -1) + alphabet[last ^ 1];
    expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(token, 'base64url'));
    expect(isRefused(twin)).toBe(true);
  });

  it('docs/attacks.md 27: a token above 8 kB is refused before any of it is read, even when its signature is valid', () => {
    expect(isRefused(forged(HS256, { ...PAYLOAD, note: 'x'.repeat(8 * 1024) }))).toBe(true);
    expect(isRefused('.'.repeat(1024 * 1024))).toBe(true);
  });

  it('a token that is signed with another key is refused', () => {
    expect(isRefused(forged(HS256, PAYLOAD, `${SECRET}!`))).toBe(true);
  });
});

it('a token that is valid from now on is accepted by a node whose clock is a second behind', () => {
  const nowMs = 1_700_000_000_004;
  const token = accessTokens(SECRET, () => nowMs).sign({ sub: '42', role: 'CUSTOMER', ...validFor(900, nowMs) });
  const atNode = (clockMs: number) => accessTokens(SECRET, () => clockMs).verify(token)?.sub;
  expect([-1_000, -5, 0, 899_000, 900_000].map((ms) => atNode(nowMs + ms))).toEqual([
    '42',
    '42',
    '42',
    '42',
    undefined,
  ]);
});
