import { and, desc, eq, gte, lt } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { handleOnce } from '../../../../platform/postgres/inbox.ts';
import { AUDIT_CONSUMER, type AuditStore } from '../../application/ports.ts';
import { reaching } from './reaching.ts';
import { auditLog } from './schema.ts';
import { inTransaction } from './transaction.ts';

export const postgresAuditStore = (pool: pg.Pool): AuditStore =>
  reaching<AuditStore>({
    addLines: (events, lineOf) =>
      inTransaction(pool, async ({ db, client }) => {
        const lines = (await handleOnce(client, AUDIT_CONSUMER, events)).map(lineOf);
        if (lines.length === 0) return;
        await db.insert(auditLog).values(lines.map((line) => ({ ...line, fields: [...line.fields] })));
      }),

    lines: ({ limit, before, actor, subject, from, to }) =>
      drizzle(pool)
        .select()
        .from(auditLog)
        .where(
          and(
            before === undefined ? undefined : lt(auditLog.id, before),
            actor === undefined ? undefined : eq(auditLog.actor, actor),
            subject === undefined ? undefined : eq(auditLog.subject, subject),
            from === undefined ? undefined : gte(auditLog.at, from),
            to === undefined ? undefined : lt(auditLog.at, to),
          ),
        )
        .orderBy(desc(auditLog.id))
        .limit(limit),
  });
