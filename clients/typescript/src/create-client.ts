import createFetchClient, { type Client } from 'openapi-fetch';
import {
  type Account,
  type Authorizer,
  apiKeyAuthorizer,
  authorized,
  type Credentials,
  tokenAuthorizer,
} from './credentials.ts';
import type { paths } from './generated/openapi.ts';
import { withKeys } from './idempotency-key.ts';
import { type List, lists } from './list.ts';
import { RETRY_DEFAULTS, type RetryOptions, retrying } from './retry.ts';
import { type Fetch, type Send, sendWith } from './send.ts';
import { Session } from './session.ts';
import { type Streams, streams } from './streams.ts';
import { memoryStore } from './token-store.ts';

export interface ClientOptions {
  /** Where the server is, without a path: `https://coupons.example.com`. */
  readonly baseUrl: string;
  readonly credentials?: Credentials;
  readonly retry?: RetryOptions;
  /** For each attempt, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number;
  /** The language of texts for people. Default: that of the browser; English elsewhere. */
  readonly language?: 'ko' | 'en';
  /** Default: that of the platform. */
  readonly fetch?: Fetch;
}

type Calls = Pick<Client<paths>, 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>;

/**
 * A call resolves to `{ data, response }` or to `{ error, response }`, where `error` is one of the problems of its operation. It rejects with
 * ConnectionError when no attempt got a response, and with the reason of its `signal` when that aborts.
 */
export interface StampedeClient extends Calls {
  readonly list: List;
  readonly streams: Streams;
  /** A client with the same credentials that acts for this user. For machines: API keys, and tokens with the role SERVICE. */
  forUser(userId: string): StampedeClient;
  /** Logs a user in. From then on calls are made with the tokens of the session. */
  logIn(account: Account): ReturnType<typeof logIn>;
  /** Ends the session of `logIn` or of an account. */
  logOut(): Promise<void>;
}

const TIMEOUT_MS = 30_000;
const LOGIN = '/api/v1/auth/login';

/** Creates a client of a Stampede server. */
export function createClient(options: ClientOptions): StampedeClient {
  const { baseUrl: given, credentials = { store: memoryStore() }, language, timeoutMs = TIMEOUT_MS } = options;
  const baseUrl = given.replace(/\/+$/, '');
  const send = sendWith(options.fetch ?? fetch, timeoutMs);
  const localized = withHeader(send, 'accept-language', language);
  const repeat = (each: Send): Send => withKeys(retrying(each, { ...RETRY_DEFAULTS, ...options.retry }));
  const anonymous = repeat(localized);
  const session = sessionOf(credentials, anonymous, baseUrl);
  const authorizer = session ?? machineAuthorizer(credentials);
  const open = callsWith(anonymous, baseUrl);

  const clientFor = (userId: string | undefined): StampedeClient => {
    const once = authorized(withHeader(localized, 'x-user-id', userId), authorizer);
    const { GET, POST, PUT, PATCH, DELETE } = callsWith(repeat(once), baseUrl);
    return {
      GET,
      POST,
      PUT,
      PATCH,
      DELETE,
      list: lists({ GET }),
      streams: streams(once, baseUrl),
      forUser: clientFor,
      logIn: (account) => logIn(open, requireSession(session), account),
      logOut: () => logOut(open, requireSession(session)),
    };
  };
  return clientFor(undefined);
}

/** The signals of calls, by their requests. */
const signals = new WeakMap<Request, AbortSignal>();

/** Keeps the signal apart, as `Send` needs it. */
class RequestOfCall extends Request {
  constructor(input: ConstructorParameters<typeof Request>[0], { signal, ...init }: RequestInit = {}) {
    super(input, init);
    if (signal) signals.set(this, signal);
  }
}

const callsWith = (send: Send, baseUrl: string): Calls =>
  createFetchClient<paths>({
    baseUrl,
    Request: RequestOfCall,
    fetch: (request) => send(request, signals.get(request)),
  });

const withHeader =
  (send: Send, name: string, value: string | undefined): Send =>
  (request, signal) => {
    if (value !== undefined && !request.headers.has(name)) request.headers.set(name, value);
    return send(request, signal);
  };

function sessionOf(credentials: Credentials, send: Send, baseUrl: string): Session | undefined {
  if ('store' in credentials) return new Session(send, baseUrl, credentials.store);
  return 'email' in credentials ? new Session(send, baseUrl, memoryStore(), credentials) : undefined;
}

function machineAuthorizer(credentials: Credentials): Authorizer {
  if ('apiKey' in credentials) return apiKeyAuthorizer(credentials);
  if ('token' in credentials) return tokenAuthorizer(credentials);
  throw new TypeError('The credentials are an apiKey, a token, an email with a password, or a store.');
}

function requireSession(session: Session | undefined): Session {
  if (session === undefined) throw new TypeError('A client with an apiKey or a token has no session.');
  return session;
}

async function logIn(open: Calls, session: Session, { email, password }: Account) {
  const result = await open.POST(LOGIN, { body: { email, password } });
  if (result.data !== undefined) await session.begin(result.data);
  return result;
}

async function logOut(open: Calls, session: Session): Promise<void> {
  const refreshToken = await session.forget();
  if (refreshToken !== undefined) await open.POST('/api/v1/auth/logout', { body: { refreshToken } });
}
