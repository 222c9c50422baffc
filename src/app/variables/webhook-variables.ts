import { z } from 'zod';
import { type AllowedHosts, readAllowedHosts } from '../../platform/http/allowed-hosts.ts';
import { rotatedSecret, wholeNumber } from './schemas.ts';
import type { ValuesOf, Variables } from './variable.ts';

const KEPT_DAYS_MAX = 90;

/** Everything about webhooks that are sent, in the order of docs/configuration.md. */
export const WEBHOOK_VARIABLES = {
  WEBHOOK_ALLOWED_HOSTS: {
    schema: z
      .string()
      .transform((text) => readAllowedHosts(text.split(',').map((host) => host.trim())))
      .refine(
        (hosts) => hosts !== undefined,
        'must be host names in lower case, addresses and networks such as 10.20.0.0/16, separated by commas',
      )
      .optional(),
    advice:
      'Set for example WEBHOOK_ALLOWED_HOSTS=orders.internal,10.20.0.0/16, or leave it out to reach the internet alone.',
  },
  WEBHOOK_ENCRYPTION_SECRET: {
    schema: rotatedSecret().optional(),
    advice: 'Set WEBHOOK_ENCRYPTION_SECRET to the output of: openssl rand -base64 48',
    isSecret: true,
  },
  WEBHOOK_KEPT_DAYS: {
    schema: wholeNumber(1, KEPT_DAYS_MAX).prefault('7'),
    advice: 'Set for example WEBHOOK_KEPT_DAYS=7.',
  },
} satisfies Variables;

export interface WebhookSettings {
  /** Hosts beyond those of the internet. Undefined: none. */
  readonly allowedHosts: AllowedHosts | undefined;
  /** Encrypt the secrets of endpoints; the first one new ones. Empty: they follow from `jwtSecrets`. */
  readonly encryptionSecrets: readonly string[];
  /** How long finished deliveries are kept. */
  readonly keptDays: number;
}

export const webhooksOf = (values: ValuesOf<typeof WEBHOOK_VARIABLES>): WebhookSettings => ({
  allowedHosts: values.WEBHOOK_ALLOWED_HOSTS,
  encryptionSecrets: values.WEBHOOK_ENCRYPTION_SECRET ?? [],
  keptDays: values.WEBHOOK_KEPT_DAYS,
});
