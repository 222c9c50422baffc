import { z } from 'zod';
import { PUSH_HOSTS, type PushSettings } from '../../platform/web-push/settings.ts';
import { readVapidKey } from '../../platform/web-push/vapid.ts';
import type { EDGE_VARIABLES } from './edge-variables.ts';
import type { ValuesOf, Variables } from './variable.ts';

/** Everything about web push, in the order of docs/configuration.md. */
export const PUSH_VARIABLES = {
  PUSH_VAPID_KEY: {
    schema: z
      .string()
      .transform((text) => readVapidKey(text))
      .refine((key) => key !== undefined, 'must be a private key of P-256: 32 bytes in base64url')
      .optional(),
    advice:
      'Set PUSH_VAPID_KEY to the private key of: npx web-push generate-vapid-keys, or leave it out to send nothing to browsers.',
    isSecret: true,
  },
  PUSH_HOSTS: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((host) => host.trim()))
      .refine(
        (hosts) => hosts.every((host) => /^[a-z0-9.-]+(:\d+)?$/.test(host)),
        'must be host names in lower case, separated by commas',
      )
      .prefault(PUSH_HOSTS.join(',')),
    advice: 'Leave it out, or set the hosts of push services, for example PUSH_HOSTS=fcm.googleapis.com.',
  },
} satisfies Variables;

type Values = ValuesOf<typeof PUSH_VARIABLES & Pick<typeof EDGE_VARIABLES, 'STAMPEDE_PUBLIC_URL'>>;

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
