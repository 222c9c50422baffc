import type pg from 'pg';
import { StartError } from '../platform/kernel/start-error.ts';
import type { Config } from './config.ts';
import type { Target } from './parts.ts';
import { differences, secretChecksOf, secretMessageOf, sharedSecretsOf } from './shared-secrets.ts';
import { settingChecksOf, settingDifferences } from './shared-settings.ts';

const OTHERS = `
  select secret_checks as checks from platform.node_leases
  where holder <> $1 and expires_at > clock_timestamp() and secret_checks is not null`;

/** What a process publishes with its lease: by it processes find out whether they have the same secrets and settings. */
export const processChecksOf = (target: Target, config: Config): readonly string[] => [
  ...secretChecksOf(sharedSecretsOf(target, config)),
  ...settingChecksOf(target, config),
];

/**
 * Compares the secrets and settings of this process with those of the other live processes of its database, and logs those that may differ for a while.
 * To be called when the checks of this process are in its lease: of two processes that start at the same time at least one sees the other.
 * @param checks as processChecksOf returns them
 * @throws StartError when this process does not accept what another one signs, or the other way round, or has another value of a setting that must not differ
 */
export async function compareProcesses(
  pool: Pick<pg.Pool, 'query'>,
  holder: string,
  checks: readonly string[],
  log: { warn(message: string): void },
): Promise<void> {
  const { rows } = await pool.query<{ checks: readonly string[] }>(OTHERS, [holder]);
  const secrets = rows.flatMap((other) => differences(checks, other.checks)).map(secretMessageOf);
  const settings = rows.flatMap((other) => settingDifferences(checks, other.checks));
  const messagesOf = (wanted: (typeof settings)[number]['ifDifferent']): readonly string[] =>
    settings.filter(({ ifDifferent }) => ifDifferent === wanted).map(({ message }) => message);
  for (const message of new Set(messagesOf('LOGGED'))) log.warn(message);
  const refused = new Set([...secrets, ...messagesOf('REFUSED')]);
  if (refused.size > 0) throw new StartError([...refused].join('\n'));
}
