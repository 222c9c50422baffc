import type { Send } from './send.ts';
import type { TokenStore } from './token-store.ts';

/** The key of a machine. */
export interface ApiKey {
  readonly apiKey: string;
}

/** An access token of your own issuer or backend. A function is called for every request, and once more when its token was not accepted. */
export interface AccessToken {
  readonly token: string | (() => string | Promise<string>);
}

/** The account of a user. The client logs in with the first request, and again when its session has ended. */
export interface Account {
  readonly email: string;
  readonly password: string;
}

/** The session of a user who logs in with `logIn`. Its tokens are kept in the store, and outlive the page or the process where that does. */
export interface StoredSession {
  readonly store: TokenStore;
}

/** Without credentials the client is anonymous until `logIn`. */
export type Credentials = ApiKey | AccessToken | Account | StoredSession;

/** Puts a credential on requests. */
export interface Authorizer {
  /** Returns a response only when there is no credential: that which a log-in got. */
  authorize(headers: Headers): Promise<Response | undefined>;
  /** Called when the credential of these headers was not accepted. Returns whether another attempt can have a better one. */
  isRenewable(headers: Headers): Promise<boolean>;
}

const AUTHORIZATION = 'authorization';

/** Sends requests with a credential, once more when the first one was not accepted and there is another. */
export function authorized(send: Send, authorizer: Authorizer): Send {
  return async (request, signal) => {
    const repeat = request.clone();
    const refused = await authorizer.authorize(request.headers);
    if (refused !== undefined) return refused;
    const response = await send(request, signal);
    if (!isRejected(response) || !(await authorizer.isRenewable(request.headers))) return response;
    return (await authorizer.authorize(repeat.headers)) ?? (await send(repeat, signal));
  };
}

/** The token was not accepted, as opposed to a password in the body or no credential at all (RFC 6750). */
const isRejected = ({ status, headers }: Response): boolean =>
  status === 401 && (headers.get('www-authenticate') ?? '').includes('error="invalid_token"');

export const apiKeyAuthorizer = ({ apiKey }: ApiKey): Authorizer => ({
  async authorize(headers) {
    headers.set('x-api-key', apiKey);
    return undefined;
  },
  isRenewable: async () => false,
});

export function tokenAuthorizer({ token }: AccessToken): Authorizer {
  const bearer = async (): Promise<string> => `Bearer ${typeof token === 'string' ? token : await token()}`;
  return {
    async authorize(headers) {
      headers.set(AUTHORIZATION, await bearer());
      return undefined;
    },
    isRenewable: async (headers) => typeof token !== 'string' && (await bearer()) !== headers.get(AUTHORIZATION),
  };
}
