import type { Delivery } from '../../../platform/events/bus.ts';
import type { Images } from '../../../platform/files/images.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import type { Idempotency, Replay } from '../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import type { Language } from '../../../platform/kernel/language.ts';
import type { Notifier } from '../../../platform/kernel/notifier.ts';
import type { ApiKeyChange, ApiKeyRecord } from '../domain/api-key.ts';
import type { AuditLine } from '../domain/audit-line.ts';
import type { ConsentSource, WithdrawalSource } from '../domain/consent.ts';
import type { ExternalSubject } from '../domain/external-user.ts';
import type { LinkPurpose, MailAccount, RequestedMail } from '../domain/mail.ts';
import type { RefreshToken, Session, SessionChange, ShownToken } from '../domain/session.ts';
import type {
  AccountDecision,
  DeletionDecision,
  PrivilegedRole,
  ProfileChange,
  Role,
  SignedUpUser,
  UserRecord,
} from '../domain/user.ts';

/** The event user.signed_up, which the transaction that adds the user publishes. */
export interface SignedUp {
  readonly outboxId: bigint;
  readonly userId: bigint;
  readonly email: string;
}

export interface Credentials {
  readonly user: UserRecord;
  readonly passwordHash: string;
}

/** Gives a change one effect for its key: the result is stored in the same transaction, and a repeat gets it as a Replay. */
type Once<Outcome> = Idempotency<Outcome> | undefined;

/** Users. E-mail arguments are results of `normaliseEmail`. */
export interface UserStore {
  /** Returns false when the e-mail is taken. With `signedUp`, user.signed_up is published by the same transaction. */
  addUser(
    user: SignedUpUser,
    passwordHash: string,
    signedUp?: SignedUp,
    idempotency?: Once<boolean>,
  ): Promise<boolean | Replay>;
  credentialsByEmail(email: string): Promise<Credentials | undefined>;
  userById(id: bigint): Promise<UserRecord | undefined>;
  /** Users who became OWNER or ADMIN, or no longer are, at or after `from`; undefined: all who are. */
  privilegedUsersFrom(from: Date | undefined): Promise<readonly Pick<UserRecord, 'id' | 'role'>[]>;
  /** Newest first, with ids below `before`. */
  users(page: UsersPage): Promise<readonly UserRecord[]>;
  /** The hash and the status, for a check of the password; undefined for an unknown or deleted user. */
  credentialsById(id: bigint): Promise<Credentials | undefined>;
  changeProfile(
    id: bigint,
    change: ProfileChange,
    idempotency?: Once<ProfileOutcome | undefined>,
  ): Promise<ProfileOutcome | undefined | Replay>;
  /** Which of these files users name as their image. */
  namedFiles(names: readonly string[]): Promise<readonly string[]>;
  /**
   * Replaces the password and, in the same transaction, revokes every session of the user. Returns the ids of the ended sessions; undefined,
   * and changes nothing, when the password is not `replacedHash` (any more) or the user is deleted.
   */
  changePassword(
    change: PasswordChange,
    idempotency?: Once<readonly bigint[] | undefined>,
  ): Promise<readonly bigint[] | undefined | Replay>;
  /** Where no mail is configured: counts the address as verified, and publishes user.signed_up, unless it was verified. */
  acceptEmail(userId: bigint, at: Date, outboxId: bigint): Promise<void>;
  /** Locks the account, and every active ADMIN where the change may remove one, calls `decide` and stores the change. */
  changeAccount(
    id: bigint,
    decide: (user: UserRecord | undefined, otherAdmins: number, statedRole?: PrivilegedRole) => AccountDecision,
    at: Date,
    idempotency?: Once<AccountOutcome>,
  ): Promise<AccountOutcome | Replay>;
  /** The same for a deletion: anonymises the row, deletes the sessions' tokens and publishes user.deleted. */
  deleteAccount(
    deletion: { readonly userId: bigint; readonly at: Date; readonly outboxId: bigint; readonly random: string },
    decide: (user: UserRecord | undefined, otherAdmins: number) => DeletionDecision,
    idempotency?: Once<DeletionOutcome>,
  ): Promise<DeletionOutcome | Replay>;
}

export interface ProfileOutcome {
  /** The changed user. */
  readonly user: UserRecord;
  /** The file of the image that was replaced or removed. */
  readonly replacedFile: string | null;
}

export type DeletionOutcome =
  | Extract<DeletionDecision, { readonly kind: 'REFUSE' }>
  | {
      readonly kind: 'DELETED';
      /** The ids of the sessions that ended with the account. */
      readonly endedSessions: readonly bigint[];
      /** The file of the image that the account had. */
      readonly imageFile: string | null;
    };

export interface UsersPage {
  readonly limit: number;
  readonly before?: bigint | undefined;
  readonly email?: string | undefined;
  readonly role?: Role | undefined;
}

export interface PasswordChange {
  readonly userId: bigint;
  readonly passwordHash: string;
  /** Undefined: whatever it is. */
  readonly replacedHash?: string;
  readonly at: Date;
  /** Publishes user.password_changed. */
  readonly outboxId?: bigint;
}

export type AccountOutcome =
  | Extract<AccountDecision, { readonly kind: 'REFUSE' }>
  | { readonly kind: 'CHANGED'; readonly user: UserRecord; readonly endedSessions: readonly bigint[] };

export interface SessionOutcome {
  readonly change: SessionChange;
  /** The session's owner as of now; undefined when there is no such session or token. */
  readonly user: Pick<UserRecord, 'id' | 'role'> | undefined;
}

/** Sessions and their refresh tokens, known by digest only. */
export interface SessionStore {
  /** Returns false, and adds nothing, when the user is not ACTIVE or has another password than `passwordHash` by now. */
  addSession(session: Session, token: RefreshToken, passwordHash: string): Promise<boolean>;
  /**
   * Locks the session, reads the presented token, calls `decide` and stores the change; the second of two callers sees the change of the
   * first. `decide` gets undefined when the session has no such token.
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
  /** Returns EXPIRY_OVER, and adds nothing, when the key would be expired at its creation. */
  addApiKey(
    key: ApiKeyRecord,
    secretDigest: string,
    idempotency?: Once<ApiKeyRecord | 'EXPIRY_OVER'>,
  ): Promise<ApiKeyRecord | 'EXPIRY_OVER' | Replay>;
  /** Returns the changed key; undefined when it does not exist or is revoked; EXPIRY_OVER when the new expiry is not after `at`. */
  changeApiKey(
    id: bigint,
    change: ApiKeyChange,
    at: Date,
    idempotency?: Once<ApiKeyRecord | 'EXPIRY_OVER' | undefined>,
  ): Promise<ApiKeyRecord | 'EXPIRY_OVER' | undefined | Replay>;
  /** Keys that are not revoked, newest first, with ids below `before`. */
  apiKeys(page: { readonly limit: number; readonly before?: bigint }): Promise<readonly ApiKeyRecord[]>;
  /** Also returns a revoked key. */
  apiKeyById(id: bigint): Promise<{ readonly key: ApiKeyRecord; readonly secretDigest: string } | undefined>;
  /** Keys that are not revoked and list a name that is not in `known`, oldest first. */
  apiKeysBeyond(known: readonly string[], limit: number): Promise<readonly ApiKeyRecord[]>;
  /** Returns false when the key does not exist or is revoked. */
  revokeApiKey(id: bigint, at: Date, idempotency?: Once<boolean>): Promise<boolean | Replay>;
  /** Never moves the time back. */
  noteApiKeyUse(id: bigint, at: Date): Promise<void>;
}

/** The consumer group of the audit log. */
export const AUDIT_CONSUMER = 'identity.audit-log';

/** The audit log. Lines are only added. */
export interface AuditStore {
  /** Adds a line for each event that was not handled before. */
  addLines<Event extends Delivery<unknown>>(
    events: readonly Event[],
    lineOf: (event: Event) => AuditLine,
  ): Promise<void>;
  /** Newest first, with ids below `before`. */
  lines(page: AuditPage): Promise<readonly AuditLine[]>;
}

export interface AuditPage {
  readonly limit: number;
  readonly before?: bigint | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  /** Half-open. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** A mail that this node sends now. Another attempt begins after the lease. */
export interface ClaimedMail extends RequestedMail {
  /** From 1. */
  readonly attempt: number;
}

/** The use of a link: the token's digest, and the ids of the events that it may publish. */
export interface LinkUse {
  readonly digest: string;
  readonly at: Date;
  /** Of user.signed_up, when the address is verified by it. */
  readonly signedUpOutboxId: bigint;
}

/** Mails that were asked for, and the links in them. Requests for known and unknown addresses do the same work. */
export interface MailStore {
  /**
   * Adds an unverified user and the mail, in one transaction. An account that was never verified has NO_PASSWORD from now on, and keeps the role and the
   * name that both sign-ups state, else it is a CUSTOMER with the name of the address; any other account with the address stays as it is.
   */
  signUp(
    user: SignedUpUser,
    passwordHash: string,
    mail: RequestedMail,
    idempotency?: Once<true>,
  ): Promise<true | Replay>;
  request(mail: RequestedMail, idempotency?: Once<true>): Promise<true | Replay>;
  isLinkValid(purpose: LinkPurpose, digest: string, at: Date): Promise<boolean>;
  /** Uses the link up and verifies the address, in one transaction. Returns false, and changes nothing, when the link is not valid. */
  verifyEmail(use: LinkUse, idempotency?: Once<boolean>): Promise<boolean | Replay>;
  /**
   * Uses the link up, replaces the password, verifies the address, revokes every session and publishes user.password_changed. Returns the ids of the
   * ended sessions; undefined, and changes nothing, when the link is not valid.
   *
   * @param use undefined: the link is known not to be valid, and only the first result of the key is looked for
   */
  resetPassword(
    use: (LinkUse & { readonly passwordHash: string; readonly outboxId: bigint }) | undefined,
    idempotency?: Once<readonly bigint[] | undefined>,
  ): Promise<readonly bigint[] | undefined | Replay>;

  /** Takes due mails, the oldest first, until `leaseUntil`. Those for which there is a newer one of the same kind are deleted. */
  claim(at: Date, leaseUntil: Date, limit: number): Promise<readonly ClaimedMail[]>;
  accountOf(email: string): Promise<MailAccount | undefined>;
  /** Makes this the only valid link of the user for the purpose. */
  replaceLink(userId: bigint, purpose: LinkPurpose, digest: string, expiresAt: Date): Promise<void>;
  /** Deletes a mail that was sent or given up. A mail that another node has claimed since stays. */
  finish(mail: ClaimedMail): Promise<void>;
  /** The same for another attempt at `dueAt`. */
  postpone(mail: ClaimedMail, dueAt: Date): Promise<void>;
  nextDueAt(): Promise<Date | undefined>;
  deleteExpiredLinks(at: Date): Promise<void>;
}

/** How a user is reached. */
export interface ContactRecord {
  readonly userId: bigint;
  /** Null: a user of another issuer. */
  readonly email: string | null;
  readonly name: string;
  readonly language: Language;
  readonly emailVerifiedAt: Date | null;
  /** Null: no consent to marketing. */
  readonly consentAt: Date | null;
  readonly consentSource: ConsentSource | null;
  /** When the consent was given, or its last notice left. */
  readonly consentConfirmedAt: Date | null;
}

/** A consent whose notice was asked for. */
export interface DueNotice {
  readonly userId: bigint;
  readonly confirmedAt: Date;
}

/** Addresses and consents of users. */
export interface ContactStore {
  /** Without locked and deleted users. */
  contacts(userIds: readonly bigint[]): Promise<readonly ContactRecord[]>;
  /** Which of these ids are of no user, not even of a deleted one. */
  unknownIds(userIds: readonly bigint[]): Promise<readonly bigint[]>;
  /** Ends the consent and adds it to the history. Returns false, and changes nothing, where there is none. */
  withdrawConsent(
    user: { readonly userId: bigint } | { readonly email: string },
    withdrawal: { readonly at: Date; readonly source: WithdrawalSource },
    idempotency?: Once<boolean>,
  ): Promise<boolean | Replay>;
  /**
   * Asks for the mails about consents that were confirmed before a time, the oldest first, after `after`. Returns the last of them.
   *
   * @param mailIds `limit` new ids
   */
  requestNotices(
    page: { readonly confirmedBefore: Date; readonly after: DueNotice | undefined; readonly limit: number },
    mailIds: readonly bigint[],
    at: Date,
  ): Promise<DueNotice | undefined>;
  /** The notice has left. */
  confirmConsent(userId: bigint, at: Date): Promise<void>;
}

/** A token of another issuer named this user. */
export interface SeenExternalUser extends ExternalSubject {
  readonly role: Role;
}

/** A session, or all sessions of a user, that another issuer has ended. */
export interface ExternalLogout {
  readonly issuer: string;
  readonly ended: { readonly sid: string } | { readonly subject: string };
  /** When the issuer ended them. */
  readonly at: Date;
}

/** Users of other issuers, and what ends their tokens. */
export interface StatedRole {
  readonly userId: bigint;
  readonly role: PrivilegedRole;
}

/** Roles that tokens of other issuers state for users whose subject is an id here. */
export interface StatedRoleStore {
  /** Keeps the highest role of each. @param stated each user once */
  record(stated: readonly StatedRole[], at: Date): Promise<void>;
}

export interface ExternalUserStore {
  /** Returns the id of each, in their order; undefined for an unknown one. */
  find(names: readonly ExternalSubject[]): Promise<readonly (bigint | undefined)[]>;
  /**
   * The same, and adds the unknown ones. A role that is higher than that of the user becomes the user's.
   *
   * @param users different ones
   * @param ids as many new ids
   */
  add(users: readonly SeenExternalUser[], ids: readonly bigint[], at: Date): Promise<readonly bigint[]>;
  /** Without users who signed up here. */
  names(userIds: readonly bigint[]): Promise<readonly (ExternalSubject & { readonly userId: bigint })[]>;
  /** Users who are not ACTIVE, with ids above `after`, in the order of their ids. */
  blocked(after: bigint, limit: number): Promise<readonly bigint[]>;
  /** Users whose status has changed after `from.at`, or then and have an id above `from.afterId`: in the order of these times, and of ids. */
  statusChangesFrom(
    from: { readonly at: Date; readonly afterId: bigint },
    limit: number,
  ): Promise<readonly (Pick<UserRecord, 'id' | 'status'> & { readonly changedAt: Date })[]>;
  endSessions(id: bigint, logout: ExternalLogout, receivedAt: Date): Promise<void>;
  /** Received at or after `from`, oldest first. */
  logoutsFrom(from: Date, limit: number): Promise<readonly (ExternalLogout & { readonly receivedAt: Date })[]>;
}

/** What identity needs to send mail. */
export interface MailPorts {
  readonly store: MailStore;
  /** Notified after the commit of a request. */
  readonly changed: Notifier;
  /** Of due times; a sandbox may have moved it. */
  readonly clock: Clock;
}

export type IdentityStore = UserStore & SessionStore & ApiKeyStore;

/** In the order in which they go. KNOWN_LOG_IN: from an address where the account has logged in before. LOG_IN: also a change or reset of a password. */
export type HashPurpose = 'KNOWN_LOG_IN' | 'LOG_IN' | 'SIGN_UP';

/** Hashes passwords. A call costs tens of milliseconds of a core, so it may wait; rejects with Unavailable OVERLOADED when too many do. */
export interface Hasher {
  hash(password: string, purpose: HashPurpose): Promise<string>;
  /** Without a hash, and for NO_PASSWORD, it does the same work and returns false, so that an unknown account takes as long as a known one. */
  verify(hash: string | undefined, password: string, purpose: HashPurpose): Promise<boolean>;
}

/** Tokens of 256 random bits, and their stored digests. */
export interface Secrets {
  /** 43 characters of base64url. */
  random(): string;
  /** SHA-256. A random token cannot be guessed, so a slow hash is not needed. */
  digest(secret: string): string;
  /** In constant time. */
  matches(digest: string, secret: string): boolean;
}

/** The claims of an access token; the signer adds issuer, audience and times. */
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
  readonly images: Images;
  /** Of a result of `normalisePassword`: whether it is among the first that an attacker tries. */
  readonly isCommonPassword: (password: string) => boolean;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly nextId: IdSource;
  readonly signAccessToken: (claims: AccessClaims) => string;
  readonly accessTokenLifeSeconds: number;
  /** Absent: no mail is configured, and the address of every user counts as verified. */
  readonly mail?: MailPorts | undefined;
}
