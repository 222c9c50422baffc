import type { Clock } from '../../../platform/kernel/clock.ts';
import type { Keep, Replay } from '../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import type { ApiKeyRecord } from '../domain/api-key.ts';
import type { RefreshToken, Session, SessionChange, ShownToken } from '../domain/session.ts';
import type { ProfileChange, Role, UserRecord } from '../domain/user.ts';

/** A fact that is published by the transaction that makes it true. */
export interface SignedUp {
  readonly outboxId: bigint;
  readonly userId: bigint;
  readonly email: string;
}

export interface Credentials {
  readonly user: UserRecord;
  readonly passwordHash: string;
}

/** How a change has one effect for a key: its result is kept in its transaction, and later returned as a Replay. */
type Once<Outcome> = Keep<Outcome> | undefined;

/** Users. E-mails are given as `normaliseEmail` left them. */
export interface UserStore {
  /** False when the e-mail is taken. With `signedUp`, user.signed_up is published by the same transaction. */
  addUser(user: UserRecord, passwordHash: string, signedUp?: SignedUp, keep?: Once<boolean>): Promise<boolean | Replay>;
  credentialsByEmail(email: string): Promise<Credentials | undefined>;
  userById(id: bigint): Promise<UserRecord | undefined>;
  /** The user as it is afterwards. */
  changeProfile(
    id: bigint,
    change: ProfileChange,
    keep?: Once<UserRecord | undefined>,
  ): Promise<UserRecord | undefined | Replay>;
  /** Replaces the password and, in the same transaction, revokes every session of the user. */
  changePassword(id: bigint, passwordHash: string, at: Date): Promise<void>;
}

export interface SessionOutcome {
  readonly change: SessionChange;
  /** The session's owner as of now; undefined when there is no such session or token. */
  readonly user: Pick<UserRecord, 'id' | 'role'> | undefined;
}

/** Sessions and their refresh tokens, known by digest only. */
export interface SessionStore {
  addSession(session: Session, token: RefreshToken): Promise<void>;
  /**
   * Locks the session, then reads the shown token, lets `decide` say what happens, and saves it: of two callers the second
   * sees what the first did. `decide` gets undefined when the session has no such token.
   */
  changeSession(
    sessionId: bigint,
    digest: string,
    decide: (shown: ShownToken | undefined) => SessionChange,
  ): Promise<SessionOutcome>;
  /** Ids of sessions revoked at or after `from`. */
  revokedFrom(from: Date): Promise<readonly bigint[]>;
}

export interface ApiKeyStore {
  addApiKey(key: ApiKeyRecord, secretDigest: string, keep?: Once<ApiKeyRecord>): Promise<ApiKeyRecord | Replay>;
  /** Live keys, newest first, ids below `before`. */
  apiKeys(page: { readonly limit: number; readonly before?: bigint }): Promise<readonly ApiKeyRecord[]>;
  /** Also a revoked one: the caller decides. */
  apiKeyById(id: bigint): Promise<{ readonly key: ApiKeyRecord; readonly secretDigest: string } | undefined>;
  /** False when there was no live key of this id. */
  revokeApiKey(id: bigint, at: Date, keep?: Once<boolean>): Promise<boolean | Replay>;
  /** Never moves the instant back. */
  noteApiKeyUse(id: bigint, at: Date): Promise<void>;
}

export type IdentityStore = UserStore & SessionStore & ApiKeyStore;

/** Passwords. Each call costs tens of milliseconds of a core, so it may wait, and throws Unavailable OVERLOADED when too many do. */
export interface Hasher {
  hash(password: string): Promise<string>;
  /** Without a hash the same work is done and the answer is false: an unknown account takes as long as a known one. */
  verify(hash: string | undefined, password: string): Promise<boolean>;
}

/** Tokens of 256 random bits, and what is stored of them. */
export interface Secrets {
  /** 43 characters of base64url. */
  random(): string;
  /** SHA-256. Enough for a random token: there is nothing to guess, so nothing to slow down. */
  digest(secret: string): string;
  /** In constant time. */
  matches(digest: string, secret: string): boolean;
}

/** What identity states in an access token; issuer, audience and times are the signer's. */
export interface AccessClaims {
  /** The user's id, decimal. */
  readonly sub: string;
  readonly role: Role;
  /** The session's id, decimal: a revoked one is listed by ListRevokedSessions. */
  readonly sid: string;
}

export interface IdentityPorts {
  readonly store: IdentityStore;
  readonly hasher: Hasher;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly nextId: IdSource;
  readonly signAccessToken: (claims: AccessClaims) => string;
  readonly accessTokenLifeSeconds: number;
}
