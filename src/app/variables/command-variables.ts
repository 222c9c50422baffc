import { z } from 'zod';
import { StartError } from '../../platform/kernel/start-error.ts';
import type { Variables } from './variable.ts';

/** The server that commands call. `serve` reads neither. In the order of docs/configuration.md. */
export const COMMAND_VARIABLES = {
  STAMPEDE_URL: {
    schema: z.string().refine(isServerUrl, 'must be the address of a server').optional(),
    advice: 'Set for example STAMPEDE_URL=https://coupons.example.com, or leave it out.',
  },
  STAMPEDE_API_KEY: {
    schema: z.string().optional(),
    advice: 'Set the secret of an API key, or leave it out.',
    isSecret: true,
  },
  STAMPEDE_ACCESS_TOKEN: {
    schema: z.string().optional(),
    advice: 'Set an access token of a user, or leave it out.',
    isSecret: true,
  },
} satisfies Variables;

export interface CommandSettings {
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  readonly accessToken: string | undefined;
}

/** Is this http or https, without a login in it? */
export function isServerUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

/**
 * Reads the variables of commands alone: a machine that calls a server elsewhere has none of the others. An empty variable counts as left out.
 * @throws StartError when STAMPEDE_URL is no address
 */
export function readCommandSettings(env: Readonly<Record<string, string | undefined>>): CommandSettings {
  const url = env['STAMPEDE_URL'] || undefined;
  if (url !== undefined && !isServerUrl(url)) {
    throw new StartError(`STAMPEDE_URL must be the address of a server. ${COMMAND_VARIABLES.STAMPEDE_URL.advice}`);
  }
  return { url, apiKey: env['STAMPEDE_API_KEY'] || undefined, accessToken: env['STAMPEDE_ACCESS_TOKEN'] || undefined };
}
