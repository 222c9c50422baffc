/** How a broker with TLS, passwords, tokens and access rules is set up. Users are those of all mechanisms. */
export interface BrokerSecurity {
  /** A PEM file with the key and the certificate of `localhost`. */
  readonly keystore: string;
  /** A PEM file of the authority of clients' certificates. */
  readonly authority: string;
  /** Passwords by user. */
  readonly users: Readonly<Record<string, string>>;
  /** May do everything, as does everybody on the plain listener. */
  readonly superUsers: readonly string[];
  readonly oauth: {
    /** A file: or http: URL of the keys that sign tokens (JWKS). */
    readonly keysUrl: string;
    readonly issuer: string;
    readonly audience: string;
  };
  /** A connection that did not authenticate again for this long is closed at its next request. */
  readonly reauthenticateAfterMs: number;
}
