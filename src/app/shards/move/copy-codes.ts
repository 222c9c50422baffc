import type pg from 'pg';
import { columnsOf, copyRows, sumOf } from '../../move/copy-table.ts';

const TABLE = 'coupon.coupon_codes';

/**
 * Copies the codes of a policy and all shapes of codes to another shard. In shard 0 they replace the claims of the policy.
 * @throws Error when they did not arrive as they were
 */
export async function copyCodes(source: pg.Client, target: pg.Client, policyId: bigint): Promise<number> {
  const columns = (await columnsOf(source, TABLE)).filter((column) => column !== 'claimed_at');
  const rows = { table: TABLE, columns, where: `policy_id = ${policyId}` };
  await target.query(`create temporary table moved_codes on commit drop as select * from ${TABLE} limit 0`);
  await copyRows(source, target, rows, 'moved_codes');
  const list = columns.join(', ');
  await target.query(
    `insert into ${TABLE} as codes (${list}) select ${list} from moved_codes order by code
     on conflict (code) do update set shown = excluded.shown, job_id = excluded.job_id, place = excluded.place, claimed_at = null
     where codes.policy_id = excluded.policy_id`,
  );
  const shapes = { table: 'coupon.coupon_code_shapes', columns: ['length', 'prefix', 'symbols'], where: 'true' };
  await target.query(`create temporary table moved_shapes on commit drop as select * from ${shapes.table} limit 0`);
  await copyRows(source, target, shapes, 'moved_shapes');
  await target.query(`insert into ${shapes.table} select * from moved_shapes order by 1, 2, 3 on conflict do nothing`);
  const [before, after] = [await sumOf(source, rows), await sumOf(target, rows)];
  if (before.rows !== after.rows || before.sum !== after.sum)
    throw new Error(`${before.rows} codes (${before.sum}) left, and ${after.rows} (${after.sum}) arrived`);
  return Number(after.rows);
}

/** The codes have arrived elsewhere. In shard 0 they stay as claims of the policy. */
export const leaveCodes = (source: pg.Client, policyId: bigint, shard: number): Promise<unknown> =>
  source.query(
    shard === 0
      ? `update ${TABLE} set claimed_at = now() where policy_id = $1 and claimed_at is null`
      : `delete from ${TABLE} where policy_id = $1`,
    [policyId],
  );

/** Results of idempotency keys: which of them are of commands on one policy is not recorded, so all of them are copied. */
export async function copyKeys(source: pg.Client, target: pg.Client): Promise<void> {
  const table = 'platform.command_results';
  const columns = await columnsOf(source, table);
  await target.query(`create temporary table moved_keys on commit drop as select * from ${table} limit 0`);
  await copyRows(source, target, { table, columns, where: 'expires_at > now()' }, 'moved_keys');
  const list = columns.join(', ');
  await target.query(
    `insert into ${table} (${list}) select ${list} from moved_keys order by scope, key on conflict do nothing`,
  );
}
