import pg from 'pg';
import { type CodeShape, normalizeCode, sharedShape } from '../../../domain/codes/code.ts';
import type { GeneratedCode } from '../../../domain/codes/code-plan.ts';

/**
 * Every transaction that writes codes writes their shapes first, both in sorted order, so that two of them cannot
 * deadlock.
 */

const INSERT_SHAPES = `
  insert into coupon.coupon_code_shapes (length, prefix, symbols)
  select distinct length, prefix, symbols from unnest($1::int[], $2::text[], $3::text[]) new(length, prefix, symbols)
  order by 1, 2, 3
  on conflict do nothing`;

const INSERT_SHARED = 'insert into coupon.coupon_codes (code, policy_id, shown) values ($1, $2, $3)';
const DELETE_SHARED = 'delete from coupon.coupon_codes where policy_id = $1 and job_id is null';

const INSERT_UNIQUE = `
  insert into coupon.coupon_codes (code, policy_id, shown, job_id, place)
  select code, $1, shown, $2, place from unnest($3::text[], $4::text[], $5::int[]) new(code, shown, place)
  order by code`;
const INSERT_FREE = `${INSERT_UNIQUE} on conflict (code) do nothing returning place`;

export async function storeShapes(client: pg.ClientBase, shapes: readonly CodeShape[]): Promise<void> {
  const columns = [
    shapes.map(({ length }) => length),
    shapes.map(({ prefix }) => prefix),
    shapes.map(({ symbols }) => symbols),
  ];
  await client.query(INSERT_SHAPES, columns);
}

/** Stores the shared code of a policy. Throws a violation of coupon_codes_pkey when the code is taken. */
export async function storeSharedCode(client: pg.ClientBase, policyId: bigint, shown: string): Promise<void> {
  const code = normalizeCode(shown);
  if (code === undefined) throw new Error(`policy ${policyId} has a code that cannot be normalized`);
  await storeShapes(client, [sharedShape(code)]);
  await client.query(INSERT_SHARED, [code, policyId, shown]);
}

/** The shape stays: another code may fit it. */
export async function removeSharedCode(client: pg.ClientBase, policyId: bigint): Promise<void> {
  await client.query(DELETE_SHARED, [policyId]);
}

export interface Batch {
  readonly policyId: bigint;
  readonly jobId: bigint;
  /** Codes with their positions in the job. */
  readonly codes: readonly (GeneratedCode & { readonly place: number })[];
}

/** Stores the codes that do not exist yet. Returns the positions of the stored ones. */
export async function storeFreeCodes(client: pg.ClientBase, batch: Batch): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<{ place: number }>(INSERT_FREE, columnsOf(batch));
  return new Set(rows.map(({ place }) => place));
}

/**
 * Stores all codes, or none when one of them exists. It takes two thirds of the time of storeFreeCodes, for codes that
 * practically never exist.
 */
export async function storeNewCodes(client: pg.ClientBase, batch: Batch): Promise<boolean> {
  await client.query('savepoint new_codes');
  try {
    await client.query(INSERT_UNIQUE, columnsOf(batch));
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.constraint === 'coupon_codes_pkey')) throw error;
    await client.query('rollback to savepoint new_codes');
    return false;
  }
}

const columnsOf = ({ policyId, jobId, codes }: Batch) => [
  policyId,
  jobId,
  codes.map(({ code }) => code),
  codes.map(({ shown }) => shown),
  codes.map(({ place }) => place),
];
