import { createHmac } from 'node:crypto';
import type pg from 'pg';
import { rotatedSecrets } from '../platform/kernel/rotated-secrets.ts';
import { StartError } from '../platform/kernel/start-error.ts';
import type { Config } from './config.ts';
import type { Target } from './parts.ts';

/** Secrets that all processes of a database have to share, by their variables; each is a list while one replaces the other. */
export type SharedSecrets = Readonly<Record<string, readonly string[]>>;

/** Of 16 bytes. Who reads the database could try out secrets with it, and with any token as well: secrets have at least 32 bytes. */
const CHECK_CHARS = 22;

/** The secrets with which this process signs, checks or encrypts what others read, those included that follow from JWT_SECRET. */
export function sharedSecretsOf({ parts, isComplete }: Target, config: Config): SharedSecrets {
  const { jwtSecret, services, redemptionSecrets, webhooks } = config;
  const jwtSecrets = rotatedSecrets(jwtSecret);
  return {
    ...((parts.has('gateway') || parts.has('identity')) && { JWT_SECRET: jwtSecrets }),
    ...(!isComplete && {
      SERVICE_SECRET: services.secret === undefined ? jwtSecrets : rotatedSecrets(services.secret),
    }),
    ...(parts.has('coupon') && { REDEMPTION_SECRET: redemptionSecrets.length > 0 ? redemptionSecrets : jwtSecrets }),
    ...(parts.has('webhook') && {
      WEBHOOK_ENCRYPTION_SECRET: webhooks.encryptionSecrets.length > 0 ? webhooks.encryptionSecrets : jwtSecrets,
    }),
  };
}

/** Values from which no secret follows, and which are equal for equal secrets of one variable: `<variable>:<HMAC>`. */
export const secretChecksOf = (secrets: SharedSecrets): readonly string[] =>
  Object.entries(secrets).flatMap(([variable, values]) =>
    values.map((secret) => {
      const digest = createHmac('sha256', secret).update(`stampede secret check ${variable}`).digest('base64url');
      return `${variable}:${digest.slice(0, CHECK_CHARS)}`;
    }),
  );

const OTHERS = `
  select secret_checks as checks from platform.node_leases
  where holder <> $1 and expires_at > clock_timestamp() and secret_checks is not null`;

/**
 * To be called when the checks of this process are in its lease: of two processes that start at the same time at least one sees the other.
 * @throws StartError when a live process of this database has no secret of a variable in common with this one
 */
export async function assertSharedSecrets(
  pool: Pick<pg.Pool, 'query'>,
  holder: string,
  checks: readonly string[],
): Promise<void> {
  const { rows } = await pool.query<{ checks: readonly string[] }>(OTHERS, [holder]);
  const different = new Set(rows.flatMap((other) => differences(checks, other.checks)));
  if (different.size === 0) return;
  throw new StartError([...different].map(messageOf).join('\n'));
}

/** The variables of which both have secrets, and none in common. */
export function differences(own: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  const otherVariables = new Set(others.map(variableOf));
  const shared = new Set(own.filter((check) => known.has(check)).map(variableOf));
  return [...new Set(own.map(variableOf))].filter((variable) => otherVariables.has(variable) && !shared.has(variable));
}

const variableOf = (check: string): string => check.slice(0, check.indexOf(':'));

/** What fails otherwise, by node. */
const EFFECTS: Readonly<Record<string, string>> = {
  JWT_SECRET: 'each would refuse the access tokens of the other',
  SERVICE_SECRET: 'each would refuse the calls of the other',
  REDEMPTION_SECRET: 'each would refuse the redemption codes of the other',
  WEBHOOK_ENCRYPTION_SECRET: 'neither could decrypt the secrets of webhooks that the other encrypted',
};

const messageOf = (variable: string): string =>
  `Another running process of this database has another ${variable}: ${EFFECTS[variable]}.` +
  ` Set the same ${variable} for every process${variable === 'JWT_SECRET' ? '' : ', or the same JWT_SECRET where it is left out'}.` +
  ' To replace it, start every process with "old,new", then with "new,old", then with "new". A process that was killed counts for a minute.';
