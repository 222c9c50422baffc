import { getTableColumns } from 'drizzle-orm';
import type pg from 'pg';
import { violates } from '../../../../../platform/postgres/failures.ts';
import { shared } from '../../../../../platform/postgres/mapped-fields.ts';
import { tableMapping } from '../../../../../platform/postgres/table-mapping.ts';
import { type CodeShape, normalizeCode, sharedShape } from '../../../domain/codes/code.ts';
import type { GeneratedCode } from '../../../domain/codes/code-plan.ts';
import { couponCodeShapes, couponCodes } from '../schema.ts';

/**
 * Every transaction that writes codes writes their shapes first, both in sorted order, so that two of them cannot
 * deadlock.
 */

const SHAPE = tableMapping(couponCodeShapes, getTableColumns(couponCodeShapes));
const UNIQUE_CODE = tableMapping(couponCodes, {
  code: couponCodes.code,
  policyId: shared(couponCodes.policyId),
  shown: couponCodes.shown,
  jobId: shared(couponCodes.jobId),
  place: couponCodes.place,
});

const INSERT_SHAPES = `
  insert into coupon.coupon_code_shapes (${SHAPE.insertColumns})
  select distinct ${SHAPE.insertValues()} from unnest(${SHAPE.arrays()}) new(${SHAPE.names})
  order by 1, 2, 3
  on conflict do nothing`;

/** The shared code of a policy that has ended is free. ENDED is the last status, so it need not be locked. */
export const SHARED_CODE_IS_FREE = `coupon_codes.job_id is null
    and exists (select from coupon.coupon_policies p where p.id = coupon_codes.policy_id and p.status = 'ENDED')`;
const INSERT_SHARED = `
  insert into coupon.coupon_codes (code, policy_id, shown) values ($1, $2, $3)
  on conflict (code) do update set policy_id = excluded.policy_id, shown = excluded.shown
  where ${SHARED_CODE_IS_FREE}`;
const DELETE_SHARED = 'delete from coupon.coupon_codes where policy_id = $1 and job_id is null';

const INSERT_UNIQUE = `
  insert into coupon.coupon_codes (${UNIQUE_CODE.insertColumns})
  select ${UNIQUE_CODE.insertValues()} from unnest(${UNIQUE_CODE.arrays()}) new(${UNIQUE_CODE.names})
  order by code`;
const INSERT_FREE = `${INSERT_UNIQUE} on conflict (code) do nothing returning place`;

export async function storeShapes(client: pg.ClientBase, shapes: readonly CodeShape[]): Promise<void> {
  await client.query(INSERT_SHAPES, SHAPE.values(shapes));
}

/** Stores the shared code of a policy. Throws CodeTaken. */
export async function storeSharedCode(client: pg.ClientBase, policyId: bigint, shown: string): Promise<void> {
  const code = normalizeCode(shown);
  if (code === undefined) throw new Error(`policy ${policyId} has a code that cannot be normalized`);
  await storeShapes(client, [sharedShape(code)]);
  if ((await client.query(INSERT_SHARED, [code, policyId, shown])).rowCount === 0) throw new CodeTaken();
}

/** A unique code, or the shared code of another policy that has not ended, is equal to this one. */
export class CodeTaken extends Error {
  override readonly name = 'CodeTaken';
  constructor() {
    super('the code is taken');
  }
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
  const { rows } = await client.query<{ place: number }>(INSERT_FREE, valuesOf(batch));
  return new Set(rows.map(({ place }) => place));
}

/** The unique index of the normalized codes. */
const CODES_KEY = 'coupon_codes_pkey';

/**
 * Stores all codes, or none when one of them exists. It takes two thirds of the time of storeFreeCodes, for codes that
 * practically never exist.
 */
export async function storeNewCodes(client: pg.ClientBase, batch: Batch): Promise<boolean> {
  await client.query('savepoint new_codes');
  try {
    await client.query(INSERT_UNIQUE, valuesOf(batch));
    return true;
  } catch (error) {
    if (!violates(error, CODES_KEY)) throw error;
    await client.query('rollback to savepoint new_codes');
    return false;
  }
}

const valuesOf = ({ policyId, jobId, codes }: Batch) => UNIQUE_CODE.values(codes, { policyId, jobId });
