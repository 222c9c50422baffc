import { z } from 'zod';
import { type AllowedHosts, readAllowedHosts } from '../platform/http/allowed-hosts.ts';
import { rotatedSecrets } from '../platform/kernel/rotated-secrets.ts';
import { wholeNumber } from './whole-number.ts';

const SECRET_MIN_BYTES = 32;
const KEPT_DAYS_MAX = 90;

/** Everything about webhooks that are sent, in the order of docs/configuration.md. */
export const WEBHOOK_VARIABLES = {
  WEBHOOK_ALLOWED_HOSTS: z
    .string()
    .transform((text) => readAllowedHosts(text.split(',').map((host) => host.trim())))
    .refine(
      (hosts) => hosts !== undefined,
      'must be host names in lower case, addresses and networks such as 10.20.0.0/16, separated by commas',
    )
    .optional(),
  WEBHOOK_ENCRYPTION_SECRET: z
    .string()
    .transform(rotatedSecrets)
    .refine(
      (secrets) => secrets.every((secret) => Buffer.byteLength(secret) >= SECRET_MIN_BYTES),
      `must have at least ${SECRET_MIN_BYTES} bytes, several separated by commas`,
    )
    .optional(),
  WEBHOOK_KEPT_DAYS: wholeNumber(1, KEPT_DAYS_MAX).prefault('7'),
};

export const WEBHOOK_ADVICE: Readonly<Record<keyof typeof WEBHOOK_VARIABLES, string>> = {
  WEBHOOK_ALLOWED_HOSTS:
    'Set for example WEBHOOK_ALLOWED_HOSTS=orders.internal,10.20.0.0/16, or leave it out to reach the internet alone.',
  WEBHOOK_ENCRYPTION_SECRET: 'Set WEBHOOK_ENCRYPTION_SECRET to the output of: openssl rand -base64 48',
  WEBHOOK_KEPT_DAYS: 'Set for example WEBHOOK_KEPT_DAYS=7.',
};

export const WEBHOOK_SECRETS = ['WEBHOOK_ENCRYPTION_SECRET'] as const;

export interface WebhookSettings {
  /** Hosts beyond those of the internet. Undefined: none. */
  readonly allowedHosts: AllowedHosts | undefined;
  /** Encrypt the secrets of endpoints; the first one new ones. Empty: they follow from `jwtSecret`. */
  readonly encryptionSecrets: readonly string[];
  /** How long finished deliveries are kept. */
  readonly keptDays: number;
}

export const webhooksOf = (values: {
  readonly WEBHOOK_ALLOWED_HOSTS?: AllowedHosts | undefined;
  readonly WEBHOOK_ENCRYPTION_SECRET?: readonly string[] | undefined;
  readonly WEBHOOK_KEPT_DAYS: number;
}): WebhookSettings => ({
  allowedHosts: values.WEBHOOK_ALLOWED_HOSTS,
  encryptionSecrets: values.WEBHOOK_ENCRYPTION_SECRET ?? [],
  keptDays: values.WEBHOOK_KEPT_DAYS,
});
