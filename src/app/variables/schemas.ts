import { z } from 'zod';
import { webhookKey } from '../../platform/http/webhook-signature.ts';
import { rotatedSecrets } from '../../platform/kernel/rotated-secrets.ts';
import { parseDatabaseUrl } from '../../platform/postgres/database-url.ts';

export const PORT_MAX = 65_535;
/** HS256 is as strong as its key: RFC 7518, 3.2 requires at least the hash's 256 bits. A key that HKDF makes is no better than its secret. */
const SECRET_MIN_BYTES = 32;

/** A whole number from `min` to `max`. `must` begins the message of another one. */
export function wholeNumber(min: number, max: number, must = 'must be') {
  const range = `${must} a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, range)
    .transform(Number)
    .refine((value) => value >= min && value <= max, range);
}

export const onOrOff = () => z.enum(['on', 'off'], { error: 'must be on or off' });

/** An address or host name on which this machine can listen. */
export const ownHost = () => z.string().regex(/^[\w.:-]+$/, 'must be an address or host name of this machine');

/** A secret, or `new,old` while it is rotated, as a list. */
export const rotatedSecret = () =>
  z
    .string()
    .transform(rotatedSecrets)
    .refine(
      (secrets) => secrets.every((secret) => Buffer.byteLength(secret) >= SECRET_MIN_BYTES),
      `must have at least ${SECRET_MIN_BYTES} bytes, several separated by commas`,
    );

/** Secrets of webhooks that others sign, of which any may have been used. */
export const webhookKeys = () =>
  z
    .string()
    .transform(keysOf)
    .refine((keys) => keys !== undefined, 'must be whsec_ and base64 of 24 to 64 bytes, several separated by commas');

/** Undefined: one of them is no secret. */
function keysOf(secrets: string): readonly Buffer[] | undefined {
  const keys = rotatedSecrets(secrets).map(webhookKey);
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

/** Without the slash at the end. */
export const webUrl = () =>
  z
    .string()
    .refine(isWebUrl, 'must be an http or https URL without query')
    .transform((url) => url.replace(/\/+$/, ''));

export function isWebUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (url?.protocol === 'http:' || url?.protocol === 'https:') && !/[?#\s]/.test(text);
}

/** As its text, which names several hosts where there is a standby. */
export const databaseUrl = () =>
  z.string().superRefine((text, context) => {
    try {
      parseDatabaseUrl(text);
    } catch (error) {
      context.addIssue((error as Error).message);
    }
  });
