import type { AuditScope } from '../../platform/context.ts';
import { assertContextsHere } from '../../platform/postgres/context-moves.ts';
import { openSession } from '../../platform/postgres/session.ts';
import { type Databases, oneDatabase, partsByDatabase } from '../databases.ts';
import { PARTS } from '../parts.ts';
import { AUDITS } from './audit-list.ts';
import { type AuditLine, type AuditReport, inSnapshot, msSince, runOne } from './audit-report.ts';
import { type AuditOptions, runAuditsAcross } from './run-audits-across.ts';

/**
 * Checks every invariant of every context on a live system. All audits of a database read one snapshot, so coupons issued meanwhile
 * disturb neither side; nothing is locked. Contexts with different databases are compared in two looks: see `runAuditsAcross`.
 * With `options.kafka` its dead letters are audited, too.
 * @param databases the URL of the one database, or of that of each part, which is that of its shard 0
 * @throws StartError when one of several databases is away, or the one database lacks a context that has moved
 */
export async function runAudits(
  databases: string | Databases,
  scope: AuditScope,
  options: Partial<AuditOptions> = {},
): Promise<AuditReport> {
  const places = [
    ...partsByDatabase(typeof databases === 'string' ? oneDatabase(databases) : databases),
    ...(options.shardDatabases ?? []),
  ];
  const [[url = ''] = []] = places;
  const { kafka } = options;
  const startedAt = performance.now();
  const report =
    places.length > 1 ? await runAuditsAcross(places, scope, options) : await auditOne(url, scope, options);
  if (kafka === undefined) return report;
  const { auditKafkaLetters } = await import('./kafka-letters-audit.ts');
  const line = await auditKafkaLetters(kafka, scope);
  const audits = [...report.audits, line];
  return { ...report, ok: report.ok && line.ok, audits, tookMs: msSince(startedAt) };
}

async function auditOne(
  databaseUrl: string,
  scope: AuditScope,
  { audits = AUDITS, prove }: Partial<AuditOptions>,
): Promise<AuditReport> {
  const startedAt = performance.now();
  const client = await openSession(databaseUrl, { name: 'stampede-audit' });
  try {
    await prove?.(databaseUrl, client);
    await assertContextsHere(client, PARTS);
    const { at, result } = await inSnapshot(client, async () => {
      const lines: AuditLine[] = [];
      for (const { heading, audit } of audits) lines.push(await runOne(heading, audit, client, scope));
      return lines;
    });
    return {
      ok: result.every(({ ok }) => ok),
      at,
      databases: 1,
      tookMs: msSince(startedAt),
      audits: result,
    };
  } finally {
    await client.end();
  }
}
