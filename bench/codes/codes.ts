import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Composed } from '../../src/app/compose.ts';
import { importedShape } from '../../src/contexts/coupon/domain/codes/code.ts';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';

export const ADMIN = { userId: 1n, role: 'ADMIN' };

/** Creates an open CODE policy. Returns its id. */
export async function openPolicy({ contexts }: Composed): Promise<bigint> {
  const { outcome } = await contexts.apis.coupon.createPolicy({
    principal: ADMIN,
    terms: {
      name: 'Codes',
      description: '',
      discountType: 'FIXED_AMOUNT',
      discountValue: 1_000n,
      minimumOrderAmount: 0n,
      distributionType: 'CODE',
      maxIssuePerUser: 1,
      validDays: 30,
      expireAt: undefined,
      validFrom: new Date(Date.now() - DAY_MS),
      validUntil: new Date(Date.now() + DAY_MS),
      timezone: 'Asia/Seoul',
      restoreOnRefund: false,
    },
  });
  if (outcome?.$case !== 'policy') throw new Error(`no policy: ${JSON.stringify(outcome)}`);
  return outcome.value.id;
}

/** Generates that many codes. Returns the seconds from the request to the end of the job. */
export async function generate({ contexts }: Composed, policyId: bigint, count: number): Promise<number> {
  const started = performance.now();
  let { outcome } = await contexts.apis.coupon.generateCodes({ principal: ADMIN, policyId, count });
  for (;;) {
    if (outcome?.$case !== 'job') throw new Error(`no job: ${JSON.stringify(outcome)}`);
    const { id: jobId, status, done } = outcome.value;
    if (status === 'FAILED') throw new Error(`the job failed after ${done} codes`);
    if (status === 'DONE') return (performance.now() - started) / 1000;
    await sleep(50);
    outcome = (await contexts.apis.coupon.getJob({ principal: ADMIN, jobId })).outcome;
  }
}

const FILLED_LENGTH = 16;

/** The code that `fill` puts in this place. */
export const filledCode = (place: number): string =>
  createHash('md5').update(String(place)).digest('hex').slice(0, FILLED_LENGTH).toUpperCase();

/**
 * Inserts codes 1 to `count`, without the check symbol, so that each is looked up. The indexes are built afterwards: inserting ten million
 * entries one by one takes several times as long.
 */
export async function fill({ database }: Composed, policyId: bigint, count: number): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query("set maintenance_work_mem = '256MB'");
    await client.query('alter table coupon.coupon_codes drop constraint coupon_codes_pkey');
    await client.query('drop index coupon.coupon_codes_place');
    await client.query(
      `insert into coupon.coupon_codes (code, policy_id, shown, job_id, place)
       select code, $1, code, 1, place
       from (select upper(left(md5(place::text), ${FILLED_LENGTH})) code, place from generate_series(1, $2::int) place) made`,
      [policyId, count],
    );
    await client.query('alter table coupon.coupon_codes add primary key (code)');
    await client.query('create unique index coupon_codes_place on coupon.coupon_codes (policy_id, job_id, place)');
    const { length, prefix, symbols } = importedShape(filledCode(1));
    await client.query('insert into coupon.coupon_code_shapes values ($1, $2, $3)', [length, prefix, symbols]);
    await client.query('vacuum (analyze) coupon.coupon_codes');
  } finally {
    client.release(true);
  }
}
