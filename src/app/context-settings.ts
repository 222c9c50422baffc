import type { Config } from './config.ts';
import { ownSecretsOf } from './own-secrets.ts';

/** The settings of the contexts, by the names of their options. */
export function contextSettings(config: Config) {
  const { redemption, mailLinks = [], webhookEncryption } = ownSecretsOf(config);
  return {
    rateLimit: config.rateLimit,
    reservationMinutes: config.reservationMinutes,
    currency: config.shop.currency,
    openingReminderMinutes: config.openingReminderMinutes,
    redemptionSecrets: redemption,
    balanceMax: config.pointBalanceMax,
    earnRateBp: config.pointEarnRateBp,
    earnDelayDays: config.pointEarnDelayDays,
    mail: config.mail && { ...config.mail, linkSecrets: mailLinks },
    push: config.push,
    webhooks: { ...config.webhooks, encryptionSecrets: webhookEncryption },
  };
}
