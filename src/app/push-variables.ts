import { z } from 'zod';
import { PUSH_HOSTS, type PushSettings } from '../platform/web-push/settings.ts';
import { readVapidKey, type VapidKey } from '../platform/web-push/vapid.ts';

/** Everything about web push, in the order of docs/configuration.md. */
export const PUSH_VARIABLES = {
  PUSH_VAPID_KEY: z
    .string()
    .transform((text) => readVapidKey(text))
    .refine((key) => key !== undefined, 'must be a private key of P-256: 32 bytes in base64url')
    .optional(),
  PUSH_HOSTS: z
    .string()
    .transform((text) => text.split(',').map((host) => host.trim()))
    .refine(
      (hosts) => hosts.every((host) => /^[a-z0-9.-]+(:\d+)?$/.test(host)),
      'must be host names in lower case, separated by commas',
    )
    .prefault(PUSH_HOSTS.join(',')),
};

export const PUSH_ADVICE: Readonly<Record<keyof typeof PUSH_VARIABLES, string>> = {
  PUSH_VAPID_KEY:
    'Set PUSH_VAPID_KEY to the private key of: npx web-push generate-vapid-keys, or leave it out to send nothing to browsers.',
  PUSH_HOSTS: 'Leave it out, or set the hosts of push services, for example PUSH_HOSTS=fcm.googleapis.com.',
};

interface Values {
  readonly PUSH_VAPID_KEY?: VapidKey | undefined;
  readonly PUSH_HOSTS: readonly string[];
  readonly STAMPEDE_PUBLIC_URL?: string | undefined;
}

/** RFC 8292: the operator of a push service reaches the sender by its own page, which is required with the key. */
export const pushOf = ({
  PUSH_VAPID_KEY: key,
  PUSH_HOSTS: hosts,
  STAMPEDE_PUBLIC_URL: contact,
}: Values): PushSettings | undefined =>
  key === undefined || contact === undefined ? undefined : { key, hosts, contact };

export const pushProblems = (given: Readonly<Record<string, string | undefined>>): readonly string[] =>
  given['PUSH_VAPID_KEY'] !== undefined && given['STAMPEDE_PUBLIC_URL'] === undefined
    ? [
        'STAMPEDE_PUBLIC_URL is required with PUSH_VAPID_KEY. Set for example STAMPEDE_PUBLIC_URL=https://shop.example.com.',
      ]
    : [];
