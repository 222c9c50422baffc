import { rotatedSecrets } from '../platform/kernel/rotated-secrets.ts';
import type { Config } from './config.ts';

/** The secrets of each purpose. The first of a list signs or encrypts, the others are accepted while one replaces the other. */
export interface OwnSecrets {
  readonly accessTokens: readonly string[];
  /** Of calls between processes. */
  readonly services: readonly string[];
  readonly redemption: readonly string[];
  /** Sign the links that end mails. Undefined: no mails are sent. */
  readonly mailLinks: readonly string[] | undefined;
  readonly webhookEncryption: readonly string[];
}

/** What a process uses, and what it compares with other processes. A purpose without secrets of its own has those of access tokens. */
export function ownSecretsOf({ jwtSecret, services, redemptionSecrets, mail, webhooks }: Config): OwnSecrets {
  const accessTokens = rotatedSecrets(jwtSecret);
  const given = (secrets: readonly string[]): readonly string[] => (secrets.length > 0 ? secrets : accessTokens);
  return {
    accessTokens,
    services: services.secret === undefined ? accessTokens : rotatedSecrets(services.secret),
    redemption: given(redemptionSecrets),
    mailLinks: mail && given(mail.linkSecrets),
    webhookEncryption: given(webhooks.encryptionSecrets),
  };
}
