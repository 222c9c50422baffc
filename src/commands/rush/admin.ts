import type { AccessTokens } from '../../platform/http/access-token.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

const TOKEN_LIFE_SECONDS = 600;
const TEXT_MAX = 500;
const PATIENCE_MS = 10_000;

/** POSTs as an admin whose token is signed here. Throws StartError with the server's answer when it refuses. */
export type AdminPost = (path: string, body?: unknown) => Promise<Readonly<Record<string, unknown>>>;

export function adminOf(url: URL, tokens: AccessTokens, nowMs: number): AdminPost {
  const iat = Math.floor(nowMs / 1000);
  const token = tokens.sign({ sub: '1', role: 'ADMIN', iat, exp: iat + TOKEN_LIFE_SECONDS });
  return async (path, body) => {
    const answer = await fetch(new URL(path, url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.text();
    if (answer.status === 401)
      throw new StartError(`${url.origin} does not accept a token signed with this JWT_SECRET.`);
    if (!answer.ok) throw new StartError(`POST ${path} answered ${answer.status}: ${text.slice(0, TEXT_MAX)}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
}

/** A field that has to be text, such as an id. */
export function textField(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new Error(`no ${name} in ${JSON.stringify(fields).slice(0, TEXT_MAX)}`);
  return value;
}
