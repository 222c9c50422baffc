import type { ApiKeyScope } from '../../contexts/identity/api.ts';
import { type AccessTokens, validFor } from '../../platform/http/access-token.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

const TOKEN_LIFE_SECONDS = 600;
const TEXT_MAX = 500;
const REQUEST_TIMEOUT_MS = 10_000;

/** Sends a POST as an admin, with a token signed here. Throws StartError with the server's refusal. */
export type AdminPost = (path: string, body?: unknown) => Promise<Readonly<Record<string, unknown>>>;

const adminToken = (tokens: AccessTokens, nowMs: number): string =>
  tokens.sign({ sub: '1', role: 'ADMIN', ...validFor(TOKEN_LIFE_SECONDS, nowMs) });

/** The token of a machine with one scope. */
export const machineToken = (tokens: AccessTokens, sub: string, scope: ApiKeyScope, nowMs: number): string =>
  tokens.sign({ sub, role: 'SERVICE', scope, ...validFor(TOKEN_LIFE_SECONDS, nowMs) });

export function adminOf(url: URL, tokens: AccessTokens, nowMs: number): AdminPost {
  const token = adminToken(tokens, nowMs);
  return async (path, body) => {
    const response = await fetch(new URL(path, url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.status === 401)
      throw new StartError(`${url.origin} does not accept a token signed with this JWT_SECRET.`);
    if (!response.ok) throw new StartError(`POST ${path} returned ${response.status}: ${text.slice(0, TEXT_MAX)}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
}

/** Returns a field that must be a string, such as an id. */
export function textField(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new Error(`no ${name} in ${JSON.stringify(fields).slice(0, TEXT_MAX)}`);
  return value;
}
