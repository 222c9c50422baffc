import { rotatedSecrets } from '../platform/kernel/rotated-secrets.ts';
import type { Config } from './config.ts';

/** The settings of the contexts, by the names of their options. */
export const contextSettings = (config: Config) => ({
  rateLimit: config.rateLimit,
  reservationMinutes: config.reservationMinutes,
  currency: config.shop.currency,
  openingReminderMinutes: config.openingReminderMinutes,
  redemptionSecrets: ownSecrets(config.redemptionSecrets, config),
  balanceMax: config.pointBalanceMax,
  earnRateBp: config.pointEarnRateBp,
  earnDelayDays: config.pointEarnDelayDays,
  // What signs the links that end mails.
  mail: config.mail && { ...config.mail, linkSecrets: ownSecrets(config.mail.linkSecrets, config) },
  push: config.push,
  webhooks: { ...config.webhooks, encryptionSecrets: ownSecrets(config.webhooks.encryptionSecrets, config) },
});

/** Secrets of a purpose. Where none are set, they follow from the secret of tokens. */
const ownSecrets = (secrets: readonly string[], { jwtSecret }: Config): readonly string[] =>
  secrets.length > 0 ? secrets : rotatedSecrets(jwtSecret);
