/** The tokens of a session, as a log-in returns them. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds from the response on. */
  readonly expiresIn: number;
}

/** What is kept of a session. JSON can hold it. */
export interface StoredTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Exchange them from here on, in milliseconds since 1970. */
  readonly renewAtMs: number;
}

/** Where the tokens of a session are kept: `localStorage`, a file, memory. Undefined: no user is logged in. */
export interface TokenStore {
  load(): StoredTokens | undefined | Promise<StoredTokens | undefined>;
  save(tokens: StoredTokens | undefined): void | Promise<void>;
}

/** Keeps the tokens as long as the client lives. */
export function memoryStore(): TokenStore {
  let kept: StoredTokens | undefined;
  return {
    load: () => kept,
    save(tokens) {
      kept = tokens;
    },
  };
}
