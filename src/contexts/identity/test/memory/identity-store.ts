import type {
  ApiKeyStore,
  Credentials,
  IdentityStore,
  SessionStore,
  SignedUp,
  UserStore,
} from '../../application/ports.ts';
import { type ApiKeyRecord, isExpiryAhead } from '../../domain/api-key.ts';
import type { RefreshToken, Session } from '../../domain/session.ts';

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
  const byEmail = (email: string) =>
    [...users.values()].find(({ user }) => user.email.toLowerCase() === email.toLowerCase());
  return {
    async addUser(user, passwordHash, event) {
      if (byEmail(user.email) !== undefined) return false;
      users.set(user.id, { user, passwordHash });
      if (event !== undefined) signedUp.push(event);
      return true;
    },
    credentialsByEmail: async (email) => byEmail(email),
    userById: async (id) => users.get(id)?.user,
    privilegedUsersFrom: async (from) =>
      [...users.values()]
        .map(({ user }) => user)
        .filter(({ role, createdAt }) => role !== 'CUSTOMER' && (from === undefined || createdAt >= from))
        .map(({ id }) => id),
    async changeProfile(id, change) {
      const found = users.get(id);
      if (found === undefined) return undefined;
      const user = { ...found.user, ...change };
      users.set(id, { ...found, user });
      return user;
    },
    async changePassword(id, passwordHash, at) {
      const found = users.get(id);
      if (found !== undefined) users.set(id, { ...found, passwordHash });
      for (const session of sessions.values()) {
        if (session.userId === id && session.revokedAt === null) {
          sessions.set(session.id, { ...session, revokedAt: at });
        }
      }
    },
  };
}

function sessionStore({ sessions, tokens, users }: Tables): SessionStore {
  return {
    async addSession(session, token) {
      sessions.set(session.id, session);
      tokens.set(session.id, new Map([[token.digest, token]]));
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
