import type {
  ApiKeyStore,
  Credentials,
  IdentityStore,
  SessionStore,
  SignedUp,
  UserStore,
} from '../../application/ports.ts';
import { type ApiKeyRecord, isExpiryAhead } from '../../domain/api-key.ts';
import { NO_PASSWORD } from '../../domain/password.ts';
import type { RefreshToken, Session } from '../../domain/session.ts';
import { anonymised } from '../../domain/user.ts';

interface Tables {
  readonly users: Map<bigint, Credentials>;
  readonly sessions: Map<bigint, Session>;
  /** By session and digest. */
  readonly tokens: Map<bigint, Map<string, RefreshToken>>;
  readonly apiKeys: Map<bigint, { readonly key: ApiKeyRecord; readonly secretDigest: string }>;
  readonly signedUp: SignedUp[];
}

/** For tests without a database and without command keys. Each method is one synchronous step, so calls do not interleave. */
export function memoryIdentityStore(): IdentityStore & { readonly signedUp: readonly SignedUp[] } {
  const tables: Tables = { users: new Map(), sessions: new Map(), tokens: new Map(), apiKeys: new Map(), signedUp: [] };
  return { ...userStore(tables), ...sessionStore(tables), ...apiKeyStore(tables), signedUp: tables.signedUp };
}

function userStore({ users, sessions, signedUp }: Tables): UserStore {
  const otherAdmins = (id: bigint): number =>
    [...users.values()].filter(({ user }) => user.id !== id && user.role === 'ADMIN' && user.status === 'ACTIVE')
      .length;
  const roleChanges = new Map<bigint, Date>();
  const endSessions = (userId: bigint, at: Date): readonly bigint[] => {
    const open = [...sessions.values()].filter((session) => session.userId === userId && session.revokedAt === null);
    for (const session of open) sessions.set(session.id, { ...session, revokedAt: at });
    return open.map(({ id }) => id);
  };
  const byEmail = (email: string) =>
    [...users.values()].find(
      ({ user }) => user.status !== 'DELETED' && user.email?.toLowerCase() === email.toLowerCase(),
    );
  return {
    async addUser(user, passwordHash, event) {
      if (byEmail(user.email) !== undefined) return false;
      users.set(user.id, { user, passwordHash });
      if (user.role !== 'CUSTOMER') roleChanges.set(user.id, user.createdAt);
      if (event !== undefined) signedUp.push(event);
      return true;
    },
    async acceptEmail(userId, at, outboxId) {
      const found = users.get(userId);
      if (found === undefined || found.user.email === null || found.user.emailVerifiedAt !== null) return;
      users.set(userId, { ...found, user: { ...found.user, emailVerifiedAt: at } });
      signedUp.push({ outboxId, userId, email: found.user.email });
    },
    credentialsByEmail: async (email) => byEmail(email),
    userById: async (id) => users.get(id)?.user,
    credentialsById: async (id) => {
      const found = users.get(id);
      return found?.user.status === 'DELETED' ? undefined : found;
    },
    users: async ({ limit, before, email, role }) =>
      [...users.values()]
        .map(({ user }) => user)
        .filter((user) => before === undefined || user.id < before)
        .filter((user) => email === undefined || user.email?.toLowerCase() === email.toLowerCase())
        .filter((user) => role === undefined || user.role === role)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit),
    privilegedUsersFrom: async (from) =>
      [...users.values()]
        .map(({ user }) => ({ user, changedAt: roleChanges.get(user.id) }))
        .filter(({ user, changedAt }) =>
          from === undefined ? user.role !== 'CUSTOMER' : changedAt !== undefined && changedAt >= from,
        )
        .map(({ user: { id, role } }) => ({ id, role })),
    async changeProfile(id, { image, consent, ...change }) {
      const found = users.get(id);
      if (found === undefined || found.user.status === 'DELETED') return undefined;
      const user = {
        ...found.user,
        ...change,
        ...image,
        ...(consent && { marketingConsent: consent.given }),
      };
      users.set(id, { ...found, user });
      return { user, replacedFile: image ? found.user.profileImageFile : null };
    },
    namedFiles: async (names) =>
      [...users.values()].flatMap(({ user }) => user.profileImageFile ?? []).filter((file) => names.includes(file)),
    async changePassword({ userId, passwordHash, replacedHash, at }) {
      const found = users.get(userId);
      if (found === undefined || found.user.status === 'DELETED') return undefined;
      if (replacedHash !== undefined && replacedHash !== found.passwordHash) return undefined;
      users.set(userId, { ...found, passwordHash });
      return endSessions(userId, at);
    },
    async deleteAccount({ userId, at, random }, decide) {
      const found = users.get(userId);
      const decision = decide(found?.user, otherAdmins(userId));
      if (decision.kind === 'REFUSE') return decision;
      if (found === undefined) throw new Error('an unknown user was deleted');
      users.set(userId, { user: { ...found.user, ...anonymised(found.user, random) }, passwordHash: NO_PASSWORD });
      return { kind: 'DELETED', endedSessions: endSessions(userId, at), imageFile: found.user.profileImageFile };
    },
    async changeAccount(id, decide, at) {
      const found = users.get(id);
      const decision = decide(found?.user, otherAdmins(id));
      if (decision.kind === 'REFUSE') return decision;
      if (found === undefined) throw new Error('an unknown user was changed');
      const user = { ...found.user, role: decision.role, status: decision.status };
      users.set(id, { ...found, user });
      if (user.role !== found.user.role) roleChanges.set(id, at);
      return { kind: 'CHANGED', user, endedSessions: decision.endSessions ? endSessions(id, at) : [] };
    },
  };
}

function sessionStore({ sessions, tokens, users }: Tables): SessionStore {
  return {
    async addSession(session, token, passwordHash) {
      const owner = users.get(session.userId);
      if (owner?.user.status !== 'ACTIVE' || owner.passwordHash !== passwordHash) return false;
      sessions.set(session.id, session);
      tokens.set(session.id, new Map([[token.digest, token]]));
      return true;
    },
    async changeSession(sessionId, digest, decide) {
      const session = sessions.get(sessionId);
      const family = tokens.get(sessionId);
      const token = family?.get(digest);
      const shown = session === undefined || token === undefined ? undefined : { session, token };
      const change = decide(shown);
      if (shown === undefined) return { change, user: undefined };
      if (change.kind === 'REVOKE') sessions.set(sessionId, { ...shown.session, revokedAt: change.at });
      if (change.kind === 'ROTATE') {
        family?.set(digest, { ...shown.token, rotatedAt: change.at });
        family?.set(change.next.digest, change.next);
        sessions.set(sessionId, { ...shown.session, expiresAt: change.next.expiresAt });
      }
      const { id, role } = users.get(shown.session.userId)?.user ?? {};
      return { change, user: id === undefined || role === undefined ? undefined : { id, role } };
    },
    revokedFrom: async (from) =>
      [...sessions.values()].filter(({ revokedAt }) => revokedAt !== null && revokedAt >= from).map(({ id }) => id),
  };
}

function apiKeyStore({ apiKeys }: Tables): ApiKeyStore {
  return {
    async addApiKey(key, secretDigest) {
      if (!isExpiryAhead(key.expiresAt, key.createdAt)) return 'EXPIRY_OVER';
      apiKeys.set(key.id, { key, secretDigest });
      return key;
    },
    async changeApiKey(id, change, at) {
      if (!isExpiryAhead(change.expiresAt, at)) return 'EXPIRY_OVER';
      const found = apiKeys.get(id);
      if (found === undefined || found.key.revokedAt !== null) return undefined;
      const key = { ...found.key, ...change };
      apiKeys.set(id, { ...found, key });
      return key;
    },
    apiKeys: async ({ limit, before }) =>
      [...apiKeys.values()]
        .map(({ key }) => key)
        .filter((key) => key.revokedAt === null && (before === undefined || key.id < before))
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit),
    apiKeysBeyond: async (known, limit) =>
      [...apiKeys.values()]
        .map(({ key }) => key)
        .filter(({ revokedAt, scopes }) => revokedAt === null && scopes.some((name) => !known.includes(name)))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    apiKeyById: async (id) => apiKeys.get(id),
    async revokeApiKey(id, at) {
      const found = apiKeys.get(id);
      if (found === undefined || found.key.revokedAt !== null) return false;
      apiKeys.set(id, { ...found, key: { ...found.key, revokedAt: at } });
      return true;
    },
    async noteApiKeyUse(id, at) {
      const found = apiKeys.get(id);
      if (found === undefined || (found.key.lastUsedAt !== null && found.key.lastUsedAt >= at)) return;
      apiKeys.set(id, { ...found, key: { ...found.key, lastUsedAt: at } });
    },
  };
}
