import { couponAudits } from '../../contexts/coupon/adapters/postgres/audits/audits.ts';
import { orderAudits } from '../../contexts/order/adapters/postgres/audits/audits.ts';
import { orderEventAudit } from '../../contexts/order/adapters/postgres/audits/event-audit.ts';
import { pointAudits } from '../../contexts/point/adapters/postgres/audits.ts';
import { pointEventAudit } from '../../contexts/point/adapters/postgres/event-audit.ts';
import type { Audit, AuditResult, AuditScope } from '../../platform/context.ts';
import { openSession } from '../../platform/postgres/session.ts';
import { checkoutAudits } from './checkout-audit.ts';
import { deadLetterAudit } from './dead-letter-audit.ts';
import { statisticsAudit } from './statistics-audit.ts';

/** By context; checkouts go over several. Those without an invariant over their tables are not listed. */
const AUDITS: Readonly<Record<string, readonly Audit[]>> = {
  coupon: couponAudits,
  order: [...orderAudits, orderEventAudit],
  point: [...pointAudits, pointEventAudit],
  statistics: [statisticsAudit],
  checkout: checkoutAudits,
  events: [deadLetterAudit],
};

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
    for (const [context, list] of Object.entries(AUDITS)) {
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
