import { and, arrayContained, asc, desc, eq, isNull, lt, not, or } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { ApiKeyStore } from '../../application/ports.ts';
import { type ApiKeyRecord, isExpiryAhead } from '../../domain/api-key.ts';
import { apiKeys } from './schema.ts';

export function postgresApiKeyStore(pool: pg.Pool): ApiKeyStore {
  const db = drizzle(pool);
  return {
    addApiKey: (key, secretDigest, idempotency) =>
      transactOnce<ApiKeyRecord | 'EXPIRY_OVER'>(pool, idempotency, async (client) => {
        // Here and not before: a repeat gets the first result, also when the key has expired meanwhile.
        if (!isExpiryAhead(key.expiresAt, key.createdAt)) return 'EXPIRY_OVER';
        await drizzle(client)
          .insert(apiKeys)
          .values({ ...key, scopes: [...key.scopes], secretDigest });
        return key;
      }),

    changeApiKey: (id, { scopes, ...change }, at, idempotency) =>
      transactOnce<ApiKeyRecord | 'EXPIRY_OVER' | undefined>(pool, idempotency, async (client) => {
        if (!isExpiryAhead(change.expiresAt, at)) return 'EXPIRY_OVER';
        const set = { ...change, ...(scopes && { scopes: [...scopes] }) };
        const isLive = and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt));
        const within = drizzle(client);
        // An empty SET is not valid SQL, so the row is only read.
        const [row] = await (Object.keys(set).length === 0
          ? within.select().from(apiKeys).where(isLive)
          : within.update(apiKeys).set(set).where(isLive).returning());
        return row && withoutDigest(row);
      }),

    async apiKeys({ limit, before }) {
      const rows = await db
        .select()
        .from(apiKeys)
        .where(and(isNull(apiKeys.revokedAt), before === undefined ? undefined : lt(apiKeys.id, before)))
        .orderBy(desc(apiKeys.id))
        .limit(limit);
      return rows.map(withoutDigest);
    },

    async apiKeysBeyond(known, limit) {
      const rows = await db
        .select()
        .from(apiKeys)
        .where(and(isNull(apiKeys.revokedAt), not(arrayContained(apiKeys.scopes, [...known]))))
        .orderBy(asc(apiKeys.id))
        .limit(limit);
      return rows.map(withoutDigest);
    },

    async apiKeyById(id) {
      const [row] = await db.select().from(apiKeys).where(eq(apiKeys.id, id));
      if (row === undefined) return undefined;
      const { secretDigest, ...key } = row;
      return { key, secretDigest };
    },

    revokeApiKey: (id, at, idempotency) =>
      transactOnce(pool, idempotency, async (client) => {
        const revoked = await drizzle(client)
          .update(apiKeys)
          .set({ revokedAt: at })
          .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
          .returning({ id: apiKeys.id });
        return revoked.length > 0;
      }),

    async noteApiKeyUse(id, at) {
      await db
        .update(apiKeys)
        .set({ lastUsedAt: at })
        .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, at))));
    },
  };
}

const withoutDigest = ({ secretDigest: _, ...key }: typeof apiKeys.$inferSelect): ApiKeyRecord => key;
