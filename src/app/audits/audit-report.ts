import type { Audit, AuditResult, AuditScope, Snapshot } from '../../platform/context.ts';

export interface AuditLine extends AuditResult {
  readonly context: string;
  readonly name: string;
  readonly tookMs: number;
}
export interface AuditReport {
  readonly ok: boolean;
  /** RFC 3339: the moment of the database that was looked at; of several, when the first one was. */
  readonly at: string;
  /** How many databases were looked at. */
  readonly databases: number;
  readonly tookMs: number;
  readonly audits: readonly AuditLine[];
}

/** Runs `work` in a snapshot. The memory for sorting is set so that a million coupons stay off the disk. */
export async function inSnapshot<Result>(
  client: Snapshot,
  work: () => Promise<Result>,
): Promise<{ readonly at: string; readonly result: Result }> {
  await client.query('begin isolation level repeatable read read only');
  await client.query(`set local work_mem = '128MB'`);
  // The first query takes the snapshot.
  const { rows } = await client.query<{ at: Date }>('select now() as at');
  const result = await work();
  await client.query('commit');
  return { at: (rows[0]?.at ?? new Date()).toISOString(), result };
}

export async function runOne(context: string, audit: Audit, snapshot: Snapshot, scope: AuditScope): Promise<AuditLine> {
  const startedAt = performance.now();
  const result = await audit.run(snapshot, scope);
  return { context, name: audit.name, ...result, tookMs: msSince(startedAt) };
}

export const msSince = (startedAt: number): number => Math.round(performance.now() - startedAt);
