import { Counter } from 'prom-client';
import { AUDIT_TOPIC } from '../../platform/audit/audit-topic.ts';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import type { Images } from '../../platform/files/images.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import { createNotifier } from '../../platform/kernel/notifier.ts';
import type { MailSettings } from '../../platform/mail/mail-settings.ts';
import { smtpTransport } from '../../platform/mail/smtp-transport.ts';
import { argon2Hasher } from './adapters/argon2/argon2-hasher.ts';
import { cryptoSecrets } from './adapters/crypto/secrets.ts';
import { isCommonPassword } from './adapters/passwords/common-passwords.ts';
import { postgresAuditStore } from './adapters/postgres/audit-store.ts';
import { postgresContactStore } from './adapters/postgres/contact-store.ts';
import { postgresExternalUserStore } from './adapters/postgres/external-user-store.ts';
import { postgresIdentityStore } from './adapters/postgres/identity-store.ts';
import { postgresMailStore } from './adapters/postgres/mail-store.ts';
import { postgresStatedRoleStore } from './adapters/postgres/stated-role-store.ts';
import { IDENTITY_REFUSALS, type IdentityService } from './api.ts';
import { listBlockedUsers } from './application/blocked-users.ts';
import { changePassword } from './application/change-password.ts';
import { createApiKey } from './application/create-api-key.ts';
import { deleteAccount } from './application/delete-account.ts';
import { type EnsureAdminRequest, type EnsureAdminResult, ensureAdmin } from './application/ensure-admin.ts';
import { endExternalSessions, listExternalLogouts } from './application/external-logouts.ts';
import { addExternalUsers, findExternalUsers, getExternalIds } from './application/external-users.ts';
import { findUnknownScopes, type UnknownScopes } from './application/find-unknown-scopes.ts';
import { getContacts } from './application/get-contacts.ts';
import { getProfile } from './application/get-profile.ts';
import { getUser } from './application/get-user.ts';
import { listAdministrators } from './application/list-administrators.ts';
import { listApiKeys } from './application/list-api-keys.ts';
import { listAuditLog } from './application/list-audit-log.ts';
import { listPrivilegedUsers } from './application/list-privileged-users.ts';
import { listRevokedSessions } from './application/list-revoked-sessions.ts';
import { listUsers } from './application/list-users.ts';
import { logIn } from './application/log-in.ts';
import { logOut } from './application/log-out.ts';
import { noticeConsents } from './application/notice-consents.ts';
import { storeAuditLines } from './application/on-audit-recorded.ts';
import type { AccessClaims, ContactStore, IdentityPorts, MailPorts } from './application/ports.ts';
import { refresh } from './application/refresh.ts';
import { requestMail } from './application/request-mail.ts';
import { resetPassword } from './application/reset-password.ts';
import { revokeApiKey } from './application/revoke-api-key.ts';
import { sendMails } from './application/send-mails.ts';
import { signUp } from './application/sign-up.ts';
import { recordStatedRoles } from './application/stated-roles.ts';
import { updateApiKey } from './application/update-api-key.ts';
import { setProfileImage, updateProfile } from './application/update-profile.ts';
import { updateUser } from './application/update-user.ts';
import { verifyApiKey } from './application/verify-api-key.ts';
import { verifyEmail } from './application/verify-email.ts';
import { withdrawConsent } from './application/withdraw-consent.ts';
import { IDENTITY_EVENTS } from './events.ts';

export interface IdentityDeps extends ContextDeps {
  readonly images: Images;
  /** Cores that this process may use. Default: all. */
  readonly cores?: number;
  /** Absent: users need not verify their addresses, and no password is reset by mail. */
  readonly mail?: MailSettings | undefined;
  /** Of the mails' due times. Default: `clock`. */
  readonly mailClock?: Clock;
  /** Adds issuer, audience and times, and signs. */
  readonly signAccessToken: (claims: AccessClaims) => string;
  /** Must be what `signAccessToken` uses. */
  readonly accessTokenLifeSeconds: number;
  /** Called after a commit that wrote events, to wake the relay. */
  readonly onEvents?: () => void;
}

export interface IdentityModule extends ContextModule<IdentityService> {
  /** For start-up and `stampede seed`; not part of the contract. */
  ensureAdmin(request: EnsureAdminRequest): Promise<EnsureAdminResult>;
  /** For start-up, too. */
  findUnknownScopes(): Promise<readonly UnknownScopes[]>;
}

/** Users of other issuers are looked up in batches. Without plans by index each would read all users. */
const EXTERNAL_USERS = 'identity.external-users';
const EXTERNAL_USER_CALLS = 1;

interface IdentityKit extends IdentityDeps {
  /** Sessions go by it, also where a sandbox has moved the time. */
  readonly signInClock: Clock;
}

export const identityContext = {
  name: 'identity',
  schema: 'identity',
  keepsFiles: true,
  contract: async () => (await import('../../gen/wire/stampede/identity/v1/identity.ts')).IdentityServiceDefinition,
  refusals: IDENTITY_REFUSALS,
  publishes: IDENTITY_EVENTS,
  consumes: () => [AUDIT_TOPIC],
  audits: [],
  create: (kit) => createIdentity({ ...kit, clock: kit.signInClock, mailClock: kit.clock }),
} as const satisfies Context<IdentityKit, unknown, IdentityModule>;

/** Users, sessions and API keys on PostgreSQL. */
export function createIdentity(deps: IdentityDeps): IdentityModule {
  const onEvents = deps.onEvents ?? (() => {});
  const contacts = postgresContactStore(deps.database.pool);
  const mail = deps.mail && mailOf(deps, deps.mail, contacts, onEvents);
  const ports: IdentityPorts = {
    ...(mail === undefined ? {} : { mail: mail.ports }),
    store: postgresIdentityStore(deps.database.pool, onEvents),
    hasher: argon2Hasher(deps.metrics, deps.cores),
    images: deps.images,
    isCommonPassword,
    secrets: cryptoSecrets,
    clock: deps.clock,
    nextId: deps.nextId,
    signAccessToken: deps.signAccessToken,
    accessTokenLifeSeconds: deps.accessTokenLifeSeconds,
  };
  const externalUsers = postgresExternalUserStore(
    deps.database.pool,
    deps.database.forBatcher(EXTERNAL_USERS, EXTERNAL_USER_CALLS).batchPool,
  );
  const auditStore = postgresAuditStore(deps.database.pool);
  storeAuditLines(deps.bus, auditStore);
  return {
    api: {
      ...identityService(ports),
      listAuditLog: listAuditLog(auditStore),
      getContacts: getContacts(contacts, deps),
      withdrawConsent: withdrawConsent(contacts, deps),
      listBlockedUsers: listBlockedUsers(externalUsers),
      addExternalUsers: addExternalUsers(externalUsers, deps),
      findExternalUsers: findExternalUsers(externalUsers),
      getExternalIds: getExternalIds(externalUsers),
      recordStatedRoles: recordStatedRoles(postgresStatedRoleStore(deps.database.pool), deps),
      endExternalSessions: endExternalSessions(externalUsers, deps),
      listExternalLogouts: listExternalLogouts(externalUsers),
    },
    ensureAdmin: ensureAdmin(ports),
    findUnknownScopes: findUnknownScopes(ports),
    jobs: mail === undefined ? [] : [mail.sending.job, noticeConsents(contacts, mail.ports, deps.nextId)],
    namedFiles: ports.store.namedFiles,
    async stop() {
      await mail?.sending.drain();
      mail?.transport.close();
    },
  };
}

function mailOf(deps: IdentityDeps, settings: MailSettings, contacts: ContactStore, onEvents: () => void) {
  const { database, clock, mailClock = clock, metrics, log } = deps;
  const ports: MailPorts = {
    store: postgresMailStore(database.pool, onEvents),
    changed: createNotifier(),
    clock: mailClock,
  };
  const transport = smtpTransport(settings);
  const outcomes = new Counter({
    name: 'stampede_mails_total',
    help: 'Attempts to send a mail on this node: sent, retried, rejected by the server, given up after a day, or not wanted by any account',
    labelNames: ['kind', 'outcome'],
    registers: [metrics],
  });
  const sending = sendMails({
    mail: ports,
    contacts,
    secrets: cryptoSecrets,
    clock,
    mailer: transport,
    shop: settings.from.name || new URL(settings.linkBase).hostname,
    linkBase: settings.linkBase,
    linkSecret: settings.linkSecrets[0] ?? '',
    log,
    onOutcome: (kind, outcome) => outcomes.inc({ kind, outcome }),
  });
  return { ports, transport, sending };
}

/** Operations on tables that no port of IdentityPorts has. */
type OtherOperation =
  | 'listAuditLog'
  | 'getContacts'
  | 'withdrawConsent'
  | 'listBlockedUsers'
  | 'addExternalUsers'
  | 'findExternalUsers'
  | 'getExternalIds'
  | 'recordStatedRoles'
  | 'endExternalSessions'
  | 'listExternalLogouts';

/** The operations of the contract on users, sessions and API keys, over any adapters. */
export const identityService = (ports: IdentityPorts): Omit<IdentityService, OtherOperation> => ({
  signUp: signUp(ports),
  requestEmailVerification: requestMail(ports, 'VERIFY_EMAIL'),
  verifyEmail: verifyEmail(ports),
  requestPasswordReset: requestMail(ports, 'RESET_PASSWORD'),
  resetPassword: resetPassword(ports),
  logIn: logIn(ports),
  refresh: refresh(ports),
  logOut: logOut(ports),
  getProfile: getProfile(ports),
  updateProfile: updateProfile(ports),
  setProfileImage: setProfileImage(ports),
  changePassword: changePassword(ports),
  deleteAccount: deleteAccount(ports),
  getUser: getUser(ports),
  listUsers: listUsers(ports),
  updateUser: updateUser(ports),
  createApiKey: createApiKey(ports),
  listApiKeys: listApiKeys(ports),
  updateApiKey: updateApiKey(ports),
  revokeApiKey: revokeApiKey(ports),
  verifyApiKey: verifyApiKey(ports),
  listRevokedSessions: listRevokedSessions(ports),
  listPrivilegedUsers: listPrivilegedUsers(ports),
  listAdministrators: listAdministrators(ports),
});
