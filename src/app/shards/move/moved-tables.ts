/**
 * What becomes of the rows of each table of the coupon context when a policy moves to another shard:
 * - MOVES: with the policy; `where` has the policy as $1
 * - NONE: there are none, or the policy does not move
 * - STAYS: with the reason
 */
export type MovedRows =
  | { readonly kind: 'MOVES'; readonly where: string }
  | { readonly kind: 'NONE' }
  | { readonly kind: 'STAYS'; readonly because: string };

export const MOVED_TABLES: Readonly<Record<string, MovedRows>> = {
  coupon_policies: { kind: 'MOVES', where: 'id = $1' },
  coupon_policy_terms: { kind: 'MOVES', where: 'policy_id = $1' },
  coupon_policy_changes: { kind: 'MOVES', where: 'policy_id = $1' },
  coupon_jobs: { kind: 'MOVES', where: 'policy_id = $1' },
  coupon_job_errors: {
    kind: 'MOVES',
    where: 'job_id in (select id from coupon.coupon_jobs where policy_id = $1)',
  },
  coupon_job_input: { kind: 'NONE' },
  coupon_issues: { kind: 'NONE' },
  coupon_history: { kind: 'NONE' },
  coupon_reservations: { kind: 'NONE' },
  coupon_codes: { kind: 'STAYS', because: 'they may be many, and are copied: see copy-codes.ts' },
  coupon_code_shapes: { kind: 'STAYS', because: 'other codes have them, too, and they are copied' },
  closed_stores: { kind: 'STAYS', because: 'each shard has all of them' },
  coupon_name_claims: { kind: 'STAYS', because: 'they are names of reservations' },
  reservation_counts: { kind: 'STAYS', because: 'they are counts of the reservations of users' },
  policy_places: { kind: 'STAYS', because: 'it says where policies are' },
  policy_moves: { kind: 'STAYS', because: 'it has the rows on their way' },
};

const MOVES = Object.entries(MOVED_TABLES).flatMap(([table, rows]) =>
  rows.kind === 'MOVES' ? [{ table, where: rows.where }] : [],
);

/** All rows of the policy $1, by table, in one form: equal rows give equal values in each shard. */
export const ROWS_OF_POLICY = `jsonb_build_object(${MOVES.map(
  ({ table, where }) =>
    `'${table}', (select coalesce(jsonb_agg(to_jsonb(t) order by to_jsonb(t)), '[]') from coupon.${table} as t where ${where})`,
).join(', ')})`;

/** Deletes them. Rows that are found by others go first. */
export const DELETES: readonly string[] = MOVES.toReversed().map(
  ({ table, where }) => `delete from coupon.${table} where ${where}`,
);

/** Inserts them from the value of `ROWS_OF_POLICY` in $1. */
export const INSERTS: readonly string[] = MOVES.map(
  ({ table }) =>
    `insert into coupon.${table} select * from jsonb_populate_recordset(null::coupon.${table}, $1::jsonb -> '${table}')`,
);

/** The columns of these tables: shards of two versions may not have the same. */
export const COLUMNS = `
  select string_agg(table_name || '.' || column_name || ' ' || data_type, ', ' order by table_name, column_name) as columns
  from information_schema.columns
  where table_schema = 'coupon' and table_name in (${[...MOVES.map(({ table }) => table), 'coupon_codes'].map((table) => `'${table}'`).join(', ')})`;
