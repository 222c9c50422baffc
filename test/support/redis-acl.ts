import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The user of docs/configuration.md, and its password in tests. */
export const REDIS_USER = 'stampede';
export const REDIS_PASSWORD = 'password-of-the-tests';
/** User and password of a URL. */
export const REDIS_LOGIN = `${REDIS_USER}:${REDIS_PASSWORD}`;

const DOCUMENT = readFileSync(resolve('docs/configuration.md'), 'utf8');
const documented = (pattern: RegExp): string => {
  const [, rules] = pattern.exec(DOCUMENT) ?? [];
  if (rules === undefined) throw new Error(`docs/configuration.md has no rules of Redis that match ${pattern}`);
  return rules;
};

const ACL = documented(/^user stampede (on >PASSWORD .+)$/m);
/** The rules of the same user at sentinels. */
export const ACL_OF_SENTINELS = documented(/Sentinels need a user of this name, too, with `([^`]+)`/);
/** What it may do in a cluster, too. */
export const ACL_OF_CLUSTERS = documented(/a cluster also `([^`]+)`/);

/** Arguments of redis-server that make that user. `added`: further rules. */
export const documentedAcl = (...added: readonly string[]): readonly string[] => [
  ...['--user', REDIS_USER, ...ACL.replace('PASSWORD', REDIS_PASSWORD).split(' ')],
  ...added,
];
