import type { Config } from './config.ts';
import { secretsOf } from './shared-secrets.ts';

/** The settings of the contexts, by the names of their options. */
export function contextSettings(config: Config) {
  return {
    rateLimit: config.rateLimit,
    reservationMinutes: config.reservationMinutes,
    currency: config.shop.currency,
    openingReminderMinutes: config.openingReminderMinutes,
    redemptionSecrets: secretsOf('REDEMPTION_SECRET', config),
    balanceMax: config.pointBalanceMax,
    earnRateBp: config.pointEarnRateBp,
    earnDelayDays: config.pointEarnDelayDays,
    mail: config.mail && { ...config.mail, linkSecrets: secretsOf('MAIL_LINK_SECRET', config) },
    push: config.push,
    webhooks: { ...config.webhooks, encryptionSecrets: secretsOf('WEBHOOK_ENCRYPTION_SECRET', config) },
  };
}
