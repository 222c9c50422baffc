import type { Audit } from '../context.ts';

interface Verdict {
  readonly figures: Readonly<Record<string, string | number>>;
  readonly broken: number;
  readonly examples: readonly string[] | null;
}

/**
 * An audit that is one query. Its parameter $1 is the coupon policy to check, or null for all; it returns one row:
 * `figures` (json), `broken` (int, how many violations there are) and `examples` (text[], up to 5 of them).
 */
export function sqlAudit(name: string, query: string): Audit {
  return {
    name,
    async run(snapshot, { policyId }) {
      const { rows } = await snapshot.query<Verdict>(query, [policyId ?? null]);
      const verdict = rows[0];
      if (verdict === undefined) throw new Error(`the audit "${name}" returned no row`);
      const { figures, broken, examples } = verdict;
      return { ok: broken === 0, figures: broken === 0 ? figures : { ...figures, broken }, violations: examples ?? [] };
    },
  };
}
