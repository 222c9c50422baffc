import type pg from 'pg';
import {
  type PostgresBatchDeps,
  postgresBatches,
  type RowsOf,
} from '../../../../../platform/batching/postgres-batches.ts';
import { type ClaimRow, freshEvents, isClaimed } from '../../../../../platform/postgres/inbox.ts';
import type { RowOf } from '../../../../../platform/postgres/table-mapping.ts';
import type { LifecycleStore } from '../../../application/lifecycle/ports.ts';
import type { CouponTerms } from '../../../domain/lifecycle/coupon.ts';
import type { LifecycleCommand } from '../../../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleDecision, LifecycleSnapshot } from '../../../domain/lifecycle/lifecycle-decision.ts';
import { uncountedMaxOf } from '../../../domain/lifecycle/reserve.ts';
import { type CouponRow, DIRECT_USE, RESERVATION, STOCKED_POLICY, toCoupon } from './lifecycle-mappings.ts';
import { type LifecycleRead, lifecycleReads, PAYMENTS_CONSUMER } from './lifecycle-reads.ts';
import { lifecycleWrites } from './lifecycle-writes.ts';

const LOCK_ONE = 'select 1 from coupon.coupon_issues where id = $1 for no key update';
const CLOSED = "select 1 from coupon.coupon_reservations where id = any($1::text[]) and status = 'CANCELLED'";
const IS_MINE = 'select 1 from coupon.coupon_history where coupon_id = $1 and version = $2 and group_id = $3';

/** @param shards of the coupon context */
export function postgresLifecycleStore(
  deps: PostgresBatchDeps<LifecycleDecision, LifecycleSnapshot>,
  shards = 1,
): LifecycleStore {
  const hasShards = shards > 1;
  return {
    changeBatch: postgresBatches<LifecycleRead, LifecycleCommand, LifecycleSnapshot, LifecycleDecision>(deps, {
      load: (commands) => lifecycleReads(commands, hasShards),
      toSnapshot: (rowsOf, commands) => ({
        ...toSnapshot(rowsOf, commands),
        ...(hasShards && { sharedLimit: { uncountedMax: uncountedMaxOf(shards), countTokens: countTokensIn(rowsOf) } }),
      }),
      write: (decision, _, batchId) => lifecycleWrites(decision, batchId),
      wasCommitted,
    }),
  };
}

/**
 * A step is recognized by its row of history, which names this batch. A failure changes no coupon; it is recognized by
 * the claim of its event, because the transaction that claimed it published the failure. A reservation that was only
 * closed looks the same whichever transaction closed it.
 */
async function wasCommitted(
  client: pg.ClientBase,
  { steps: [step], failures: [failure], reservations }: LifecycleDecision,
  batchId: bigint,
): Promise<boolean | undefined> {
  const closed = reservations.filter(({ status }) => status === 'CANCELLED');
  const couponId = step?.coupon.id ?? failure?.couponId ?? closed[0]?.couponId;
  if (couponId === undefined) return undefined;
  await client.query(LOCK_ONE, [couponId]);
  if (step) return (await client.query(IS_MINE, [couponId, step.coupon.version, batchId])).rowCount === 1;
  if (failure && !(await isClaimed(client, PAYMENTS_CONSUMER, failure.eventId))) return false;
  return (await client.query(CLOSED, [closed.map(({ id }) => id)])).rowCount === closed.length;
}

const eventsOf = (commands: readonly LifecycleCommand[]): string[] =>
  commands.flatMap((command) => ('eventId' in command ? [command.eventId] : []));

function toSnapshot(rowsOf: RowsOf<LifecycleRead>, commands: readonly LifecycleCommand[]): LifecycleSnapshot {
  const terms = new Map<string, CouponTerms>();
  // A reservation that was made since the locks names a coupon that is not locked.
  const locked = new Set(rowsOf<{ readonly id: bigint }>('locked').map(({ id }) => id));
  const coupons = rowsOf<CouponRow>('coupons').filter((row) => locked.has(row.id));
  return {
    coupons: byId(coupons.map((row) => toCoupon(row, terms))),
    reservations: byId(rowsOf<RowOf<typeof RESERVATION>>('reservations').map((row) => RESERVATION.read(row))),
    directUses: rowsOf<RowOf<typeof DIRECT_USE>>('direct uses').map((row) => DIRECT_USE.read(row)),
    policies: byId(rowsOf<RowOf<typeof STOCKED_POLICY>>('policies').map((row) => STOCKED_POLICY.read(row))),
    unclaimedEvents: new Set(eventsOf(commands).filter(freshEvents({ rows: [...rowsOf<ClaimRow>('claims')] }))),
  };
}

const countTokensIn = (rowsOf: RowsOf<LifecycleRead>): ReadonlyMap<bigint, bigint> =>
  new Map(rowsOf<CountRow>('counts').map(({ userId, token }) => [userId, token]));

interface CountRow {
  readonly userId: bigint;
  readonly token: bigint;
}

const byId = <Id, Row extends { readonly id: Id }>(rows: readonly Row[]): ReadonlyMap<Row['id'], Row> =>
  new Map(rows.map((row) => [row.id, row]));
