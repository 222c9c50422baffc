import { describe, expect, it } from 'vitest';
import { readSettings } from './config.ts';
import { ALL } from './parts.ts';
import { differences, type SharedSecrets, secretChecksOf, sharedSecretsOf } from './shared-secrets.ts';
import { readTarget } from './targets.ts';

const [OLD, NEW, THIRD] = ['o', 'n', 't'].map((letter) => letter.repeat(40)) as [string, string, string];
const differ = (one: SharedSecrets, other: SharedSecrets) => differences(secretChecksOf(one), secretChecksOf(other));

describe('the secrets of two processes', () => {
  it.each<readonly [string, readonly string[], readonly string[], boolean]>([
    ['the same', [OLD], [OLD], false],
    ['old, and old before new', [OLD], [OLD, NEW], false],
    ['old before new, and new before old', [OLD, NEW], [NEW, OLD], false],
    ['new before old, and new', [NEW, OLD], [NEW], false],
    ['old, and new', [OLD], [NEW], true],
    ['old, and new before old', [OLD], [NEW, OLD], true],
    ['old before new, and new', [OLD, NEW], [NEW], true],
    ['two with the same second one', [NEW, OLD], [THIRD, OLD], true],
    ['two, and a third one', [NEW, OLD], [THIRD], true],
  ])(
    'two processes differ when one does not accept the first secret of the other: %s',
    (_, one, other, isDifferent) => {
      const expected = isDifferent ? ['JWT_SECRET'] : [];
      expect(differ({ JWT_SECRET: one }, { JWT_SECRET: other })).toEqual(expected);
      expect(differ({ JWT_SECRET: other }, { JWT_SECRET: one })).toEqual(expected);
    },
  );

  it('two processes of which only one has secrets of a variable do not differ by it', () => {
    expect(differ({ JWT_SECRET: [OLD], SERVICE_SECRET: [OLD] }, { SERVICE_SECRET: [OLD] })).toEqual([]);
    expect(differ({ JWT_SECRET: [OLD] }, {})).toEqual([]);
  });

  it('the secret of one variable is not taken for the same secret of another one', () => {
    const checks = secretChecksOf({ JWT_SECRET: [OLD], SERVICE_SECRET: [OLD] }).map((check) => check.split(':')[1]);
    expect(new Set(checks).size).toBe(2);
  });

  it('what is compared contains no secret', () => {
    expect(secretChecksOf({ JWT_SECRET: [OLD] }).join()).toMatch(/^JWT_SECRET:[\w-]{22}$/);
  });
});

describe('the secrets that a process shares', () => {
  const config = { ...readSettings({}), databaseUrl: 'postgres://x', jwtSecrets: [NEW, OLD] } as never;

  it('a process that hosts every part has the secrets that follow from JWT_SECRET, and none for calls', () => {
    expect(sharedSecretsOf(ALL, config)).toEqual({
      JWT_SECRET: [NEW, OLD],
      REDEMPTION_SECRET: [NEW, OLD],
      WEBHOOK_ENCRYPTION_SECRET: [NEW, OLD],
    });
  });

  it('a process that sends mails compares the secret of their links, and one without mails does not', () => {
    const mail = (linkSecrets: readonly string[]) => ({ ...(config as object), mail: { linkSecrets } }) as never;
    const linksOf = (target: string, given: never) => sharedSecretsOf(readTarget(target), given).MAIL_LINK_SECRET;
    expect(linksOf('notification', mail([]))).toEqual([NEW, OLD]);
    expect(linksOf('identity', mail([THIRD]))).toEqual([THIRD]);
    expect(linksOf('identity', config)).toBeUndefined();
    expect(linksOf('order', mail([THIRD]))).toBeUndefined();
  });

  it('a purpose with a secret of its own compares that one in place of those of JWT_SECRET', () => {
    const own = {
      ...(config as object),
      services: { secrets: [THIRD, OLD] },
      redemptionSecrets: [THIRD],
      webhooks: { encryptionSecrets: [OLD] },
    } as never;
    expect(sharedSecretsOf(readTarget('coupon,webhook'), own)).toEqual({
      SERVICE_SECRET: [THIRD, OLD],
      REDEMPTION_SECRET: [THIRD],
      WEBHOOK_ENCRYPTION_SECRET: [OLD],
    });
  });

  it('a process compares the secrets of its parts only', () => {
    expect(Object.keys(sharedSecretsOf(readTarget('coupon'), config))).toEqual(['SERVICE_SECRET', 'REDEMPTION_SECRET']);
    expect(Object.keys(sharedSecretsOf(readTarget('gateway'), config))).toEqual(['JWT_SECRET', 'SERVICE_SECRET']);
    expect(Object.keys(sharedSecretsOf(readTarget('point,order'), config))).toEqual(['SERVICE_SECRET']);
  });
});
