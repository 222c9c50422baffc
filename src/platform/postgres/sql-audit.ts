import type { Audit, Snapshot } from '../context.ts';
import { readSql, type SqlFile } from './sql-file.ts';

interface Verdict {
  readonly figures: Readonly<Record<string, string | number>>;
  readonly broken: number;
  readonly examples: readonly string[] | null;
}

/**
 * An audit that is one query. Its parameter $1 is the coupon policy to check, or null for all; it returns one row:
 * `figures` (json), `broken` (int, how many violations there are) and `examples` (text[], up to 5 of them).
 */
export const sqlAudit = (name: string, file: SqlFile): Audit => ({
  name,
  run: (snapshot, { policyId }) => runQuery(name, snapshot, file, [policyId ?? null]),
});

/**
 * An audit of rows that belong to no coupon policy. Its query returns what that of `sqlAudit` does, and has no parameter. Where one policy
 * is audited it checks nothing, and its `figure` is 0.
 */
export const sqlAuditOfAll = (name: string, figure: string, file: SqlFile): Audit => ({
  name,
  run: async (snapshot, { policyId }) =>
    policyId === undefined
      ? await runQuery(name, snapshot, file, [])
      : { ok: true, figures: { [figure]: 0 }, violations: [] },
});

async function runQuery(name: string, snapshot: Snapshot, file: SqlFile, parameters: readonly unknown[]) {
  const { rows } = await snapshot.query<Verdict>(await readSql(file), [...parameters]);
  const verdict = rows[0];
  if (verdict === undefined) throw new Error(`the audit "${name}" returned no row`);
  const { figures, broken, examples } = verdict;
  return { ok: broken === 0, figures: broken === 0 ? figures : { ...figures, broken }, violations: examples ?? [] };
}
