import type { Audit, AuditResult, AuditScope } from '../../platform/context.ts';
import { openSession } from '../../platform/postgres/session.ts';
import { contextsByName } from '../contexts.ts';
import { type Databases, oneDatabase, partsByDatabase } from '../databases.ts';
import { checkoutAudits } from './checkout-audit.ts';
import { deadLetterAudit } from './dead-letter-audit.ts';
import { statisticsAudit } from './statistics-audit.ts';

/** Audits of one snapshot. */
interface AuditGroup {
  readonly context: string;
  /** The parts whose tables they read, all of which the database has to hold. None: those of the platform. */
  readonly reads: readonly string[];
  readonly audits: readonly Audit[];
}

const OF_CONTEXTS: readonly AuditGroup[] = contextsByName()
  .filter(({ audits }) => audits.length > 0)
  .map(({ name, audits }) => ({ context: name, reads: [name], audits }));

/** What no context can check by itself. */
const ACROSS_CONTEXTS: readonly AuditGroup[] = [
  { context: 'statistics', reads: ['statistics', 'coupon'], audits: [statisticsAudit] },
  { context: 'checkout', reads: ['order', 'coupon', 'point'], audits: checkoutAudits },
  { context: 'events', reads: [], audits: [deadLetterAudit] },
];

export interface AuditLine extends AuditResult {
  readonly context: string;
  readonly name: string;
  readonly tookMs: number;
}
export interface AuditReport {
  readonly ok: boolean;
  /** RFC 3339: the moment of the database that was looked at. */
  readonly at: string;
  readonly tookMs: number;
  readonly audits: readonly AuditLine[];
  /** What was not checked, because the contexts that it compares have different databases: no snapshot shows both. */
  readonly leftOut: readonly string[];
}

/**
 * Checks every invariant of every context on a live system. All audits of a database read one snapshot, so coupons issued meanwhile
 * disturb neither side; nothing is locked. Where contexts have databases of their own, each is checked by itself.
 * @param databases the URL of the one database, or of that of each part
 */
export async function runAudits(databases: string | Databases, scope: AuditScope): Promise<AuditReport> {
  const startedAt = performance.now();
  const places = partsByDatabase(typeof databases === 'string' ? oneDatabase(databases) : databases);
  const ran = new Set<AuditGroup>();
  const audits: AuditLine[] = [];
  let at: Date | undefined;
  for (const [url, parts] of places) {
    const hosted: ReadonlySet<string> = new Set(parts);
    const groups = [...OF_CONTEXTS, ...ACROSS_CONTEXTS].filter(({ reads }) => reads.every((part) => hosted.has(part)));
    for (const group of groups) ran.add(group);
    const found = await auditSnapshot(url, groups, scope);
    at ??= found.at;
    const where = places.size === 1 ? '' : ` in the database of ${parts.join(', ')}`;
    audits.push(
      ...found.audits.map((line) => (line.context === 'events' ? { ...line, context: `events${where}` } : line)),
    );
  }
  const leftOut = ACROSS_CONTEXTS.filter((group) => !ran.has(group)).flatMap((group) =>
    group.audits.map(({ name }) => `${group.context}: ${name}`),
  );
  const tookMs = Math.round(performance.now() - startedAt);
  return { ok: audits.every(({ ok }) => ok), at: (at ?? new Date()).toISOString(), tookMs, audits, leftOut };
}

/** The memory for sorting is set so that a million coupons stay off the disk. */
async function auditSnapshot(databaseUrl: string, groups: readonly AuditGroup[], scope: AuditScope) {
  const client = await openSession(databaseUrl, { name: 'stampede-audit' });
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query(`set local work_mem = '128MB'`);
    const { rows } = await client.query<{ at: Date }>('select now() as at');
    const audits: AuditLine[] = [];
    for (const group of groups) {
      for (const audit of group.audits) {
        const startedAt = performance.now();
        const result = await audit.run(client, scope);
        const tookMs = Math.round(performance.now() - startedAt);
        audits.push({ context: group.context, name: audit.name, ...result, tookMs });
      }
    }
    await client.query('commit');
    return { at: rows[0]?.at, audits };
  } finally {
    await client.end();
  }
}
