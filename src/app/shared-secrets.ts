import { createHmac } from 'node:crypto';
import type { Config } from './config.ts';
import { ownSecretsOf } from './own-secrets.ts';
import type { Target } from './parts.ts';

/** The variables of secrets that all processes of a database have to share, and why. */
const EFFECTS = {
  JWT_SECRET: 'each has to accept the access tokens of the other',
  SERVICE_SECRET: 'each has to accept the calls of the other',
  REDEMPTION_SECRET: 'each has to accept the redemption codes of the other',
  MAIL_LINK_SECRET: 'each has to accept the links of mails that the other sends',
  WEBHOOK_ENCRYPTION_SECRET: 'each has to decrypt the secrets of webhooks that the other encrypts',
} as const;
type SharedVariable = keyof typeof EFFECTS;
const SHARED_VARIABLES = Object.keys(EFFECTS) as SharedVariable[];

/** The secrets of a process by their variables. The first of a list signs or encrypts, the others are accepted while one replaces the other. */
export type SharedSecrets = Readonly<Partial<Record<SharedVariable, readonly string[]>>>;

/** The length of a check: 16 bytes in base64url. A reader of the database can test guessed secrets with a check, as with any token: secrets have at least 32 bytes. */
const CHECK_CHARS = 22;

/** The secrets with which this process signs, checks or encrypts what others read, those included that follow from JWT_SECRET. */
export function sharedSecretsOf({ parts, isComplete }: Target, config: Config): SharedSecrets {
  const { accessTokens, services, redemption, mailLinks, webhookEncryption } = ownSecretsOf(config);
  return {
    ...((parts.has('gateway') || parts.has('identity')) && { JWT_SECRET: accessTokens }),
    ...(!isComplete && { SERVICE_SECRET: services }),
    ...(parts.has('coupon') && { REDEMPTION_SECRET: redemption }),
    ...(mailLinks !== undefined &&
      (parts.has('identity') || parts.has('notification')) && { MAIL_LINK_SECRET: mailLinks }),
    ...(parts.has('webhook') && { WEBHOOK_ENCRYPTION_SECRET: webhookEncryption }),
  };
}

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
export function differences(own: readonly string[], others: readonly string[]): readonly SharedVariable[] {
  return SHARED_VARIABLES.filter((variable) => {
    const [first, otherFirst] = [own, others].map((checks) => checks.find((check) => check.startsWith(`${variable}:`)));
    const haveBoth = first !== undefined && otherFirst !== undefined;
    return haveBoth && !(others.includes(first) && own.includes(otherFirst));
  });
}

/** What differs, and what to do. */
export const secretMessageOf = (variable: SharedVariable): string =>
  `${variable} differs from that of another running process of this database: ${EFFECTS[variable]}.` +
  ` Set the same ${variable} for every process${variable === 'JWT_SECRET' ? '' : ', or the same JWT_SECRET where it is left out'}.` +
  ' To replace it, start every process with "old,new", then with "new,old", then with "new". A process that was killed counts for a minute.';
