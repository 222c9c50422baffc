import { and, desc, eq, gte, lt } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { handleOnce } from '../../../../platform/postgres/inbox.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import { AUDIT_CONSUMER, type AuditStore } from '../../application/ports.ts';
import { reaching } from './reaching.ts';
import { auditLog } from './schema.ts';

// Prepared, with one parameter for all lines. A statement of Drizzle has a parameter for each value: a process that stored a line for each
// charge of points spent a quarter of its time on building such statements (bench/points).
const INSERT = `
  insert into identity.audit_log (id, at, actor, role, operation, request_id, subject, fields)
  select id, at, actor, role, operation, request_id, subject, fields
  from json_to_recordset($1::json) as line(
    id bigint, at timestamptz, actor text, role text, operation text, request_id text, subject text, fields text[])`;

export const postgresAuditStore = (pool: pg.Pool): AuditStore =>
  reaching<AuditStore>({
    addLines: (events, lineOf) =>
      inTransaction(pool, async (client) => {
        const lines = (await handleOnce(client, AUDIT_CONSUMER, events)).map(lineOf);
        if (lines.length === 0) return;
        const rows = lines.map(({ id, at, actor, role, operation, requestId, subject, fields }) => ({
          id: String(id),
          at,
          actor,
          role,
          operation,
          request_id: requestId,
          subject,
          fields,
        }));
        await client.query({ name: 'audit-lines-insert', text: INSERT, values: [JSON.stringify(rows)] });
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
