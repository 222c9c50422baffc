import { API_KEY_SCOPES, isScope, keyPrefix } from '../domain/api-key.ts';
import type { IdentityPorts } from './ports.ts';

/** Enough to notice the mistake; the next start reports the others. */
const KEYS_MAX = 100;

export interface UnknownScopes {
  readonly prefix: string;
  readonly scopes: readonly string[];
}

/** Finds keys that list names which are not scopes. They were made before the list was closed; such a name allows nothing. */
export const findUnknownScopes =
  ({ store }: IdentityPorts) =>
  async (): Promise<readonly UnknownScopes[]> => {
    const keys = await store.apiKeysBeyond(API_KEY_SCOPES, KEYS_MAX);
    return keys.map(({ id, scopes }) => ({ prefix: keyPrefix(id), scopes: scopes.filter((name) => !isScope(name)) }));
  };
