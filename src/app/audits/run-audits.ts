import type { Audit, AuditResult, AuditScope } from '../../platform/context.ts';
import { openSession } from '../../platform/postgres/session.ts';
import { contextsByName } from '../contexts.ts';
import { checkoutAudits } from './checkout-audit.ts';
import { deadLetterAudit } from './dead-letter-audit.ts';
import { statisticsAudit } from './statistics-audit.ts';

/** What no context can check by itself. */
const ACROSS_CONTEXTS: Readonly<Record<string, readonly Audit[]>> = {
  statistics: [statisticsAudit],
  checkout: checkoutAudits,
  events: [deadLetterAudit],
};

const AUDITS: readonly (readonly [context: string, audits: readonly Audit[]])[] = [
  ...contextsByName().map(({ name, audits }) => [name, audits] as const),
  ...Object.entries(ACROSS_CONTEXTS),
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
}

/**
 * Checks every invariant of every context on a live system. All audits read one snapshot, so coupons issued meanwhile
 * disturbs neither side; nothing is locked. The memory for sorting is set so that a million coupons stay off the disk.
 */
export async function runAudits(databaseUrl: string, scope: AuditScope): Promise<AuditReport> {
  const startedAt = performance.now();
  const client = await openSession(databaseUrl, { name: 'stampede-audit' });
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query(`set local work_mem = '128MB'`);
    const { rows } = await client.query<{ at: Date }>('select now() as at');
    const audits: AuditLine[] = [];
    for (const [context, list] of AUDITS) {
      for (const audit of list) {
        const auditStartedAt = performance.now();
        const result = await audit.run(client, scope);
        audits.push({ context, name: audit.name, ...result, tookMs: Math.round(performance.now() - auditStartedAt) });
      }
    }
    await client.query('commit');
    const at = (rows[0]?.at ?? new Date()).toISOString();
    return { ok: audits.every(({ ok }) => ok), at, tookMs: Math.round(performance.now() - startedAt), audits };
  } finally {
    await client.end();
  }
}
