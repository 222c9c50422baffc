import { describe, expect, it } from 'vitest';
import { type Config, readSettings } from './config.ts';
import { ALL } from './parts.ts';
import { settingChecksOf, settingDifferences } from './shared-settings.ts';
import { readTarget } from './targets.ts';

const ISSUER = { name: 'keycloak', issuer: 'https://login.example.com/realms/shop', audiences: ['shop', 'web'] };
const OTHER = { name: 'auth0', issuer: 'https://shop.eu.auth0.com/', audiences: ['shop'] };
const checksWith = (variables: Readonly<Record<string, string>>, target = ALL) =>
  settingChecksOf(target, readSettings(variables) as Config);
const issuers = (...list: readonly object[]) => checksWith({ JWT_ISSUERS: JSON.stringify(list) });

describe('the settings of two processes', () => {
  it.each<readonly [string, string, 'REFUSED' | 'LOGGED']>([
    ['CURRENCY', 'USD', 'REFUSED'],
    ['STAMPEDE_TIME_ZONE', 'Europe/Berlin', 'REFUSED'],
    ['STAMPEDE_SANDBOX', 'on', 'REFUSED'],
    ['PAYMENT_PROVIDER', 'none', 'REFUSED'],
    ['JWT_ISSUERS', JSON.stringify([ISSUER]), 'LOGGED'],
    ['JWT_MAX_LIFETIME', '600', 'LOGGED'],
    ['STAMPEDE_RESERVATION_MINUTES', '20', 'LOGGED'],
    ['POINT_BALANCE_MAX', '5', 'LOGGED'],
    ['POINT_EARN_RATE_BP', '100', 'LOGGED'],
    ['POINT_EARN_DELAY_DAYS', '1', 'LOGGED'],
  ])('two processes with different values of %s differ by it alone', (variable, value, ifDifferent) => {
    const [difference, another] = settingDifferences(checksWith({ [variable]: value }), checksWith({}));
    expect(another).toBeUndefined();
    expect(difference?.ifDifferent).toBe(ifDifferent);
    expect(difference?.message).toMatch(
      new RegExp(
        `^${variable} .+ another running process of this database: .+ Set the same ${variable} for every process`,
      ),
    );
  });

  it('two processes differ by an issuer, and not by the order of issuers and audiences', () => {
    const reversed = { ...ISSUER, audiences: ISSUER.audiences.toReversed() };
    expect(settingDifferences(issuers(ISSUER, OTHER), issuers(OTHER, reversed))).toEqual([]);
    const changed = { ...ISSUER, rolesClaim: 'roles', roleMapping: { boss: 'ADMIN' } };
    expect(settingDifferences(issuers(ISSUER), issuers(changed))).toHaveLength(1);
    expect(settingDifferences(issuers(ISSUER), issuers({ ...ISSUER, subjectClaim: 'email' }))).toHaveLength(1);
  });

  it('a process compares the settings of its parts only', () => {
    const namesOf = (target: string) => checksWith({}, readTarget(target)).map((check) => check.split(':')[0]);
    expect(namesOf('webhook')).toEqual(['STAMPEDE_SANDBOX']);
    expect(namesOf('coupon')).toEqual(['STAMPEDE_TIME_ZONE', 'STAMPEDE_SANDBOX', 'STAMPEDE_RESERVATION_MINUTES']);
    expect(settingDifferences(checksWith({ CURRENCY: 'USD' }), checksWith({}, readTarget('coupon')))).toEqual([]);
  });

  it('a process of an earlier version, which publishes checks of secrets alone, has no settings to differ by', () => {
    expect(settingDifferences(checksWith({ CURRENCY: 'USD' }), ['JWT_SECRET:0123456789012345678901'])).toEqual([]);
  });
});
