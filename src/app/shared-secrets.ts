import { createHmac } from 'node:crypto';
import type { Config, Settings } from './config.ts';
import type { Target } from './parts.ts';

interface SharedSecret {
  /** The secrets that the variable gives. The first one signs or encrypts, the others are accepted while one replaces the other. Empty: those of JWT_SECRET. */
  readonly given: (settings: SecretSettings) => readonly string[];
  readonly isUsed: (target: Target, settings: SecretSettings) => boolean;
  /** Why all processes of a database have to share them. */
  readonly effect: string;
}
type SecretSettings = Pick<Settings, 'jwtSecrets' | 'services' | 'redemptionSecrets' | 'mail' | 'webhooks'>;

/** With which a process signs, checks or encrypts what other processes read, by variable. */
const SECRETS = {
  JWT_SECRET: {
    given: ({ jwtSecrets }) => jwtSecrets,
    isUsed: ({ parts }) => parts.has('gateway') || parts.has('identity'),
    effect: 'each has to accept the access tokens of the other',
  },
  SERVICE_SECRET: {
    given: ({ services }) => services.secrets,
    isUsed: ({ isComplete }) => !isComplete,
    effect: 'each has to accept the calls of the other',
  },
  REDEMPTION_SECRET: {
    given: ({ redemptionSecrets }) => redemptionSecrets,
    isUsed: ({ parts }) => parts.has('coupon'),
    effect: 'each has to accept the redemption codes of the other',
  },
  MAIL_LINK_SECRET: {
    given: ({ mail }) => mail?.linkSecrets ?? [],
    isUsed: ({ parts }, { mail }) => mail !== undefined && (parts.has('identity') || parts.has('notification')),
    effect: 'each has to accept the links of mails that the other sends',
  },
  WEBHOOK_ENCRYPTION_SECRET: {
    given: ({ webhooks }) => webhooks.encryptionSecrets,
    isUsed: ({ parts }) => parts.has('webhook'),
    effect: 'each has to decrypt the secrets of webhooks that the other encrypts',
  },
} as const satisfies Readonly<Record<string, SharedSecret>>;
export type SecretVariable = keyof typeof SECRETS;
export const SECRET_VARIABLES = Object.keys(SECRETS) as SecretVariable[];

/** The secrets of a process by their variables. */
export type SharedSecrets = Readonly<Partial<Record<SecretVariable, readonly string[]>>>;

/** The length of a check: 16 bytes in base64url. A reader of the database can test guessed secrets with a check, as with any token: secrets have at least 32 bytes. */
const CHECK_CHARS = 22;

/** The secrets that the variable gives. Empty: its secrets follow from JWT_SECRET. */
export const givenSecrets = (variable: SecretVariable, settings: SecretSettings): readonly string[] =>
  SECRETS[variable].given(settings);

/** The secrets of a variable, or those of JWT_SECRET when it gives none. */
export function secretsOf(variable: SecretVariable, config: Config): readonly string[] {
  const given = givenSecrets(variable, config);
  return given.length > 0 ? given : config.jwtSecrets;
}

/** The variables whose secrets a process with these parts uses. */
export const secretVariablesOf = (target: Target, settings: SecretSettings): readonly SecretVariable[] =>
  SECRET_VARIABLES.filter((variable) => SECRETS[variable].isUsed(target, settings));

/** The secrets that this process shares, those included that follow from JWT_SECRET. */
export const sharedSecretsOf = (target: Target, config: Config): SharedSecrets =>
  Object.fromEntries(secretVariablesOf(target, config).map((variable) => [variable, secretsOf(variable, config)]));

/**
 * Values from which no secret follows, and which are equal for equal secrets of one variable: `<variable>:<HMAC>`. Those of a variable are in the order of
 * its secrets.
 */
export const secretChecksOf = (secrets: SharedSecrets): readonly string[] =>
  Object.entries(secrets).flatMap(([variable, values]) =>
    values.map((secret) => {
      const digest = createHmac('sha256', secret).update(`stampede secret check ${variable}`).digest('base64url');
      return `${variable}:${digest.slice(0, CHECK_CHARS)}`;
    }),
  );

/** The variables of which both have secrets, and of which one does not accept the first secret of the other, with which that one signs. */
export function differences(own: readonly string[], others: readonly string[]): readonly SecretVariable[] {
  return SECRET_VARIABLES.filter((variable) => {
    const [first, otherFirst] = [own, others].map((checks) => checks.find((check) => check.startsWith(`${variable}:`)));
    const haveBoth = first !== undefined && otherFirst !== undefined;
    return haveBoth && !(others.includes(first) && own.includes(otherFirst));
  });
}

/** What differs, and what to do. */
export const secretMessageOf = (variable: SecretVariable): string =>
  `${variable} differs from that of another running process of this database: ${SECRETS[variable].effect}.` +
  ` Set the same ${variable} for every process${variable === 'JWT_SECRET' ? '' : ', or the same JWT_SECRET where it is left out'}.` +
  ' To replace it, start every process with "old,new", then with "new,old", then with "new". A process that was killed counts for a minute.';
