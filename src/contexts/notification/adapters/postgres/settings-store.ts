import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { SettingsStore } from '../../application/ports.ts';
import type { Kind } from '../../domain/kinds.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { lockLiveInbox } from './inbox-locks.ts';
import { preferences, settings } from './schema.ts';

/** What users have chosen. A change locks the inbox, so that none is stored for a user who has deleted the account meanwhile. */
export function settingsStore(pool: pg.Pool): SettingsStore {
  const db = drizzle(pool);
  return {
    async find(userId) {
      const [[row], chosen] = await Promise.all([
        db.select().from(settings).where(eq(settings.userId, userId)),
        db.select().from(preferences).where(eq(preferences.userId, userId)),
      ]);
      return {
        preferences: chosen.map(({ kind, channel, enabled }) => ({ kind: kind as Kind, channel, enabled })),
        language: row?.language ?? null,
        timezone: row?.timezone ?? null,
        expiryDays: row?.expiryDays ?? DEFAULT_SETTINGS.expiryDays,
        quietHours: row?.quietFrom && row.quietUntil ? { from: row.quietFrom, until: row.quietUntil } : null,
      };
    },

    replace: (userId, chosen, idempotency) =>
      transactOnce(pool, idempotency, async (client) => {
        if (!(await lockLiveInbox(client, userId))) return 'deleted';
        const tx = drizzle(client);
        const row = {
          language: chosen.language,
          timezone: chosen.timezone,
          expiryDays: [...chosen.expiryDays],
          quietFrom: chosen.quietHours?.from ?? null,
          quietUntil: chosen.quietHours?.until ?? null,
        };
        await tx
          .insert(settings)
          .values({ userId, ...row })
          .onConflictDoUpdate({ target: settings.userId, set: row });
        await tx.delete(preferences).where(eq(preferences.userId, userId));
        if (chosen.preferences.length > 0)
          await tx.insert(preferences).values(chosen.preferences.map((each) => ({ userId, ...each })));
        return chosen;
      }),
  };
}
