import type { Account, Authorizer } from './credentials.ts';
import type { Send } from './send.ts';
import type { StoredTokens, TokenStore, Tokens } from './token-store.ts';

/** How long before its end an access token is exchanged, so that it does not end on its way. Half of its life when that is less. */
const MARGIN_MS = 30_000;
const LOCK = 'stampede session';

/** The session of a user: logs in, exchanges tokens before they end, once for all requests that need it. */
export class Session implements Authorizer {
  readonly #store: TokenStore;
  readonly #account: Account | undefined;
  readonly #send: Send;
  readonly #baseUrl: string;
  #renewal: Promise<StoredTokens | Response | undefined> | undefined;

  /** @param send must not use this session. @param account logs in again when the session has ended */
  constructor(send: Send, baseUrl: string, store: TokenStore, account?: Account) {
    this.#send = send;
    this.#baseUrl = baseUrl;
    this.#store = store;
    this.#account = account;
  }

  async authorize(headers: Headers): Promise<Response | undefined> {
    const present = await this.#store.load();
    const isCurrent = present === undefined ? this.#account === undefined : present.renewAtMs > Date.now();
    const tokens = isCurrent ? present : await this.#renewed(present?.accessToken);
    if (tokens instanceof Response) return tokens.clone();
    if (tokens !== undefined) headers.set('authorization', `Bearer ${tokens.accessToken}`);
    return undefined;
  }

  async isRenewable(headers: Headers): Promise<boolean> {
    const rejected = headers.get('authorization')?.slice('Bearer '.length);
    return rejected !== undefined && (await this.#renewed(rejected)) !== undefined;
  }

  /** Begins a session with the tokens of a log-in. */
  async begin({ accessToken, refreshToken, expiresIn }: Tokens): Promise<StoredTokens> {
    const lifeMs = expiresIn * 1_000;
    const tokens = { accessToken, refreshToken, renewAtMs: Date.now() + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) };
    await this.#store.save(tokens);
    return tokens;
  }

  /** Forgets the tokens. Returns the refresh token, with which the session can be ended. */
  async forget(): Promise<string | undefined> {
    const tokens = await this.#store.load();
    await this.#store.save(undefined);
    return tokens?.refreshToken;
  }

  /** A refresh token is valid for one use, and a second one ends the session. So there is one exchange at a time. */
  #renewed(used: string | undefined): Promise<StoredTokens | Response | undefined> {
    this.#renewal ??= exclusively(() => this.#renew(used)).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** Returns tokens other than `used`; undefined when the session has ended; the response when it is another refusal. */
  async #renew(used: string | undefined): Promise<StoredTokens | Response | undefined> {
    const present = await this.#store.load();
    if (present !== undefined) {
      // Another request or another tab was first.
      if (present.accessToken !== used) return present;
      const response = await this.#post('refresh', { refreshToken: present.refreshToken });
      if (response.ok) return this.begin((await response.json()) as Tokens);
      if (response.status !== 401) return response;
      await this.#store.save(undefined);
    }
    if (this.#account === undefined) return undefined;
    const { email, password } = this.#account;
    const response = await this.#post('login', { email, password });
    return response.ok ? this.begin((await response.json()) as Tokens) : response;
  }

  /**
   * Repeats are harmless: of a log-in they leave a second session, and of an exchange whose response was lost they end a session whose tokens
   * no client has received.
   */
  #post(path: 'login' | 'refresh', body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return this.#send(
      new Request(`${this.#baseUrl}/api/v1/auth/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
      // Not that of a call: others wait for the same tokens.
      undefined,
    );
  }
}

/** Runs it alone among all tabs of a site, where the browser can do that: they may have one store. */
const exclusively = <Result>(run: () => Promise<Result>): Promise<Result> =>
  globalThis.navigator?.locks === undefined ? run() : navigator.locks.request(LOCK, run);
