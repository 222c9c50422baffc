import { type SQLWrapper, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import type { StatedRoleStore } from '../../application/ports.ts';
import { USER_ROLES } from '../../domain/user.ts';
import { reaching } from './reaching.ts';
import { statedRoles } from './schema.ts';

/** Roles that tokens of other issuers state. Rejects with Unavailable when PostgreSQL is unavailable. */
export const postgresStatedRoleStore = (pool: pg.Pool): StatedRoleStore =>
  reaching<StatedRoleStore>({
    async record(stated, statedAt) {
      // In one order: of two nodes that record the same users one waits for the other, and never each for the other.
      const ordered = stated.toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
      await drizzle(pool)
        .insert(statedRoles)
        .values(ordered.map((each) => ({ ...each, statedAt })))
        .onConflictDoUpdate({
          target: statedRoles.userId,
          set: { role: sql`excluded.role`, statedAt },
          // A role never becomes lower.
          setWhere: sql`${rankOf(sql`excluded.role`)} > ${rankOf(statedRoles.role)}`,
        });
    },
  });

const rankOf = (role: SQLWrapper) => sql`array_position(${sql.param([...USER_ROLES])}::text[], ${role})`;
