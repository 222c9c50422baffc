import { ConnectionError, type Credentials, createClient } from '../../../clients/typescript/src/index.ts';
import { accessTokens, validFor } from '../../platform/http/access-token.ts';
import { firstMessage } from '../../platform/kernel/first-message.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import type { Api, Sent } from './api.ts';
import { findServer, type Server, type ServerOptions } from './find-server.ts';
import { problemOf } from './problem.ts';
import { type SessionFile, sessionFile } from './saved-sessions.ts';
import { sessionToken } from './session-tokens.ts';

const TOKEN_LIFE_SECONDS = 600;
/** For 100 MB, the largest upload, over a slow line. */
const UPLOAD_TIMEOUT_MS = 3_600_000;

/** Opens the API of the server that the options, the environment, a log-in or the data directory name. @throws StartError */
export async function openApi(options: ServerOptions): Promise<Api> {
  const sessions = sessionFile(process.env);
  const server = await findServer(options, process.env, sessions);
  return apiWith(server.url, credentialsOf(server, sessions));
}

/** Returns the API of a server. Without credentials: what anybody may call. */
export function apiWith(url: URL, credentials?: Credentials): Api {
  const options = {
    baseUrl: url.origin,
    language: 'en',
    ...(credentials === undefined ? {} : { credentials }),
    // To follow a redirect would carry the key to another server. The response with it is a refusal.
    fetch: (request: Request) => fetch(request, { redirect: 'manual' }),
  } as const;
  const client = createClient(options);
  const uploads = createClient({ ...options, retry: { attempts: 1 }, timeoutMs: UPLOAD_TIMEOUT_MS });
  return {
    url,
    async call(method, path, { query = {}, json, csv, asUser }: Sent = {}) {
      const actingClient = csv === undefined ? client : uploads;
      const sending = (asUser === undefined ? actingClient : actingClient.forUser(asUser))[method] as AnyCall;
      const body =
        csv === undefined ? { body: json } : { body: csv, bodySerializer: asIs, duplex: 'half', headers: CSV };
      const result = await sending(path, { params: { query }, parseAs: 'stream', ...body }).catch((error: unknown) => {
        throw error instanceof ConnectionError ? unreachable(url, error) : error;
      });
      if (!result.response.ok) throw problemOf(result.response, result.error);
      return result.response;
    },
  };
}

/** A call whose path is not known to the compiler. */
type AnyCall = (path: string, init: object) => Promise<{ readonly error?: unknown; readonly response: Response }>;

const CSV = { 'content-type': 'text/csv' };
const asIs = (body: unknown): unknown => body;

function credentialsOf({ url, credential }: Server, sessions: SessionFile): Credentials {
  if (credential.kind === 'API_KEY') return { apiKey: credential.apiKey };
  if (credential.kind === 'TOKEN') return { token: () => credential.accessToken };
  if (credential.kind === 'SESSION') {
    const open = apiWith(url);
    return { token: () => sessionToken(sessions, open) };
  }
  const tokens = accessTokens(credential.jwtSecrets, Date.now);
  return { token: () => tokens.sign({ sub: '1', role: 'ADMIN', ...validFor(TOKEN_LIFE_SECONDS, Date.now()) }) };
}

function unreachable({ origin }: URL, error: ConnectionError): StartError {
  const reason = error.cause instanceof Error && error.cause.cause !== undefined ? error.cause.cause : error.cause;
  return new StartError(`No server responds at ${origin}: ${firstMessage(reason)}. Is it the right address (--url)?`, {
    cause: error,
  });
}
