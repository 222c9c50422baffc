import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTemporaryDir } from '../../../test/support/open-temporary-dir.ts';
import { readSettings } from '../config.ts';

const KEYCLOAK = {
  name: 'keycloak',
  issuer: 'https://login.example.com/realms/shop',
  audiences: ['shop-api'],
};
const settingsOf = (issuers: unknown) => readSettings({ JWT_ISSUERS: JSON.stringify(issuers) });

describe('JWT_ISSUERS', () => {
  it('JWT_ISSUERS needs a name, an issuer and audiences, and has defaults for everything else', () => {
    const { issuers, jwtMaxLifetimeSeconds } = settingsOf([KEYCLOAK]);
    expect(jwtMaxLifetimeSeconds).toBe(3_600);
    expect(issuers).toEqual([
      {
        ...KEYCLOAK,
        jwksUri: undefined,
        logoutAudiences: ['shop-api'],
        algorithms: ['RS256'],
        subjectClaim: 'sub',
        audienceClaim: 'aud',
        subjectIsUserId: false,
        rolesClaim: undefined,
        roleMapping: new Map(),
        scopesClaim: 'scope',
      },
    ]);
  });

  it('JWT_ISSUERS may be the path of a file', () => {
    const path = join(openTemporaryDir('issuers-'), 'issuers.json');
    writeFileSync(path, JSON.stringify([KEYCLOAK]));
    expect(readSettings({ JWT_ISSUERS: path }).issuers[0]?.name).toBe('keycloak');
    expect(() => readSettings({ JWT_ISSUERS: `${path}.missing` })).toThrow(
      'neither a JSON list nor the path of a file',
    );
  });

  it.each<readonly [string, unknown, string]>([
    ['no JSON', '[{', 'JWT_ISSUERS is no JSON'],
    ['an issuer over http', [{ ...KEYCLOAK, issuer: 'http://login.example.com' }], '[0].issuer must be an https URL'],
    ['keys over http', [{ ...KEYCLOAK, jwksUri: 'http://10.0.0.1/jwks' }], '[0].jwksUri must be an https URL'],
    ['a shared secret', [{ ...KEYCLOAK, algorithms: ['HS256'] }], '[0].algorithms[0] must be any of RS256'],
    ['no audience', [{ ...KEYCLOAK, audiences: [] }], '[0].audiences must not be empty'],
    ['a name with a space', [{ ...KEYCLOAK, name: 'my shop' }], '[0].name must be 1 to 32 lower-case letters'],
    [
      'a role that is none',
      [{ ...KEYCLOAK, rolesClaim: 'roles', roleMapping: { boss: 'ROOT' } }],
      'must map to CUSTOMER',
    ],
    ['a mapping of no claim', [{ ...KEYCLOAK, roleMapping: { boss: 'ADMIN' } }], '[0].rolesClaim must name the claim'],
    ['a misspelt field', [{ ...KEYCLOAK, audience: 'shop-api' }], '[0] has unknown fields: audience'],
    ['two issuers of one name', [KEYCLOAK, { ...KEYCLOAK, issuer: 'https://other.example.com' }], 'different names'],
    ['one issuer twice', [KEYCLOAK, { ...KEYCLOAK, name: 'other' }], 'must have different issuers'],
  ])('JWT_ISSUERS is refused with what to do: %s', (_, issuers, message) => {
    const text = typeof issuers === 'string' ? issuers : JSON.stringify(issuers);
    expect(() => readSettings({ JWT_ISSUERS: text })).toThrow(message);
    expect(() => readSettings({ JWT_ISSUERS: text })).toThrow('Set it to the path of a JSON file, or to JSON such as');
  });

  it('an issuer of this machine may be reached over http', () => {
    expect(settingsOf([{ ...KEYCLOAK, issuer: 'http://127.0.0.1:8080/realms/shop' }]).issuers).toHaveLength(1);
  });
});

describe('JWT_SECRET', () => {
  const [fresh, old] = ['n'.repeat(32), 'o'.repeat(32)];
  it('JWT_SECRET may be a new and an old secret, each long enough', () => {
    expect(readSettings({ JWT_SECRET: `${fresh},${old}` }).jwtSecrets).toEqual([fresh, old]);
    expect(() => readSettings({ JWT_SECRET: `${fresh},short` })).toThrow('must have at least 32 bytes, several');
  });
});
