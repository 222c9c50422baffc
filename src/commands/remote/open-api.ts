import { accessTokens, validFor } from '../../platform/http/access-token.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { findServer, type Server, type ServerOptions } from './find-server.ts';
import { type Authorization, send } from './send.ts';
import { problemIn } from './problem.ts';
import { type SessionFile, sessionFile } from './saved-sessions.ts';
import { sessionToken } from './session-tokens.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a request sends. A command that is sent again after a lost response carries the same key, and takes effect once. */
export interface Sent {
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly csv?: ReadableStream<Uint8Array>;
  /** The customer for whom an API key acts (X-User-Id). */
  readonly asUser?: string | undefined;
}

/** The API of a running server, called as the user or machine whose credential it is. */
export interface Api {
  readonly url: URL;
  /**
   * Resolves to the response of a request that was done.
   * @throws ApiRefusal when it was refused; StartError when the server cannot be reached
   */
  call(method: Method, path: string, sent?: Sent): Promise<Response>;
}

const TOKEN_LIFE_SECONDS = 600;

/** Opens the API of the server that the options, the environment, a log-in or the data directory name. @throws StartError */
export async function openApi(options: ServerOptions): Promise<Api> {
  const sessions = sessionFile(process.env);
  return apiOf(await findServer(options, process.env, sessions), sessions);
}

/** The API of this server. */
export function apiOf({ url, credential }: Server, sessions: SessionFile): Api {
  const authorization = authorizationOf({ url, credential }, sessions);
  return {
    url,
    async call(method, path, sent = {}) {
      const response = await send(requestTo(url, method, path, sent), authorization);
      if (!response.ok) throw await problemIn(response);
      return response;
    },
  };
}

/** Calls a route of the server that needs no credential. */
export const callOpenly = async (url: URL, path: string, json: unknown): Promise<Response> =>
  send(requestTo(url, 'POST', path, { json }), { headers: async () => ({}) });

function authorizationOf({ url, credential }: Server, sessions: SessionFile): Authorization {
  if (credential.kind === 'API_KEY') return { headers: async () => ({ 'x-api-key': credential.apiKey }) };
  if (credential.kind === 'SIGNED') {
    const tokens = accessTokens(credential.jwtSecret, Date.now);
    const sign = () => tokens.sign({ sub: '1', role: 'ADMIN', ...validFor(TOKEN_LIFE_SECONDS, Date.now()) });
    return { headers: async () => bearer(sign()) };
  }
  const post = (path: string, json: unknown) => callOpenly(url, path, json);
  let last: string | undefined;
  const token = async (rejected?: string): Promise<string> => {
    last = await sessionToken(sessions, url.origin, post, rejected);
    return last;
  };
  return { headers: async () => bearer(await token()), renewed: async () => bearer(await token(last)) };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function requestTo(url: URL, method: Method, path: string, { query = {}, json, csv, asUser }: Sent): Request {
  const target = new URL(path, url);
  if (target.origin !== url.origin) throw new StartError(`${path} is no path of ${url.origin}.`);
  target.search = new URLSearchParams(query).toString();
  const headers = new Headers(asUser === undefined ? {} : { 'x-user-id': asUser });
  if (csv !== undefined) headers.set('content-type', 'text/csv');
  if (json !== undefined) headers.set('content-type', 'application/json');
  const body = csv ?? (json === undefined ? null : JSON.stringify(json));
  // A redirect would carry the key to another server.
  return new Request(target, { method, headers, body, redirect: 'error', ...(csv === undefined ? {} : { duplex: 'half' }) });
}
