import type pg from 'pg';
import { isStored, type NewResult } from '../../../../../platform/idempotency/command-results.ts';
import { keyedBatch } from '../../../../../platform/idempotency/keyed-batch.ts';
import type { IdSource } from '../../../../../platform/kernel/ids.ts';
import { batchTransaction } from '../../../../../platform/postgres/batch-transaction.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import { type ClaimRow, freshEvents, isClaimed } from '../../../../../platform/postgres/inbox.ts';
import type { KeyedLifecycleCommand, LifecycleStore } from '../../../application/lifecycle/ports.ts';
import type { CouponTerms } from '../../../domain/lifecycle/coupon.ts';
import type { LifecycleCommand } from '../../../domain/lifecycle/lifecycle-command.ts';
import type {
  LifecycleDecision,
  LifecycleOutcome,
  LifecycleSnapshot,
} from '../../../domain/lifecycle/lifecycle-decision.ts';
import { type LifecycleRead, lifecycleReads, PAYMENTS_CONSUMER } from './lifecycle-reads.ts';
import {
  type CouponRow,
  type ReservationRow,
  type StockedPolicyRow,
  toCoupon,
  toReservation,
  toStockedPolicy,
} from './lifecycle-rows.ts';
import { lifecycleWrites } from './lifecycle-writes.ts';

const LOCK_ONE = 'select 1 from coupon.coupon_issues where id = $1 for no key update';
const CLOSED = "select 1 from coupon.coupon_reservations where id = any($1::text[]) and status = 'CANCELLED'";
const IS_MINE = 'select 1 from coupon.coupon_history where coupon_id = $1 and version = $2 and group_id = $3';

/** `onCommit` is called after a commit that wrote events. */
export function postgresLifecycleStore(database: Database, nextId: IdSource, onCommit: () => void): LifecycleStore {
  return {
    async changeBatch(commands, decide) {
      const reads = lifecycleReads(commands);
      const groupId = nextId();
      const batch = keyedBatch<LifecycleOutcome, KeyedLifecycleCommand>(commands);
      const { decision, merged } = await batchTransaction(database, {
        load: [...reads.values(), ...batch.reads],
        decide: (loaded, nowMs) => {
          const snapshot = toSnapshot([...reads.keys()], loaded, eventsOf(commands));
          const { fresh, merge } = batch.split(loaded);
          const decision = decide(snapshot, nowMs, fresh);
          const { outcomes: merged, results, writes } = merge(decision.outcomes);
          return {
            writes: [...lifecycleWrites(decision, snapshot, groupId), ...writes],
            result: { decision, merged, results, groupId },
          };
        },
        wasCommitted,
      });
      if (decision.steps.length > 0 || decision.failures.length > 0) onCommit();
      return { ...decision, merged };
    },
  };
}

interface Decided {
  readonly decision: LifecycleDecision;
  readonly results: readonly NewResult[];
  readonly groupId: bigint;
}

/**
 * A step is recognized by its row of history, which names this batch. A failure changes no coupon; it is recognized by
 * the claim of its event, because the transaction that claimed it published the failure. A reservation that was only
 * closed looks the same whichever transaction closed it. If nothing changed, the first result to be stored is looked
 * up. A batch without any effect may count as committed: deciding it again has no effect either.
 */
async function wasCommitted(client: pg.ClientBase, { decision, results, groupId }: Decided): Promise<boolean> {
  const [step] = decision.steps;
  const [failure] = decision.failures;
  const closed = decision.reservations.filter(({ status }) => status === 'CANCELLED');
  const couponId = step?.coupon.id ?? failure?.couponId ?? closed[0]?.couponId;
  if (couponId === undefined) return results[0] === undefined || (await isStored(client, results[0]));
  await client.query(LOCK_ONE, [couponId]);
  if (step) return (await client.query(IS_MINE, [couponId, step.coupon.version, groupId])).rowCount === 1;
  if (failure && !(await isClaimed(client, PAYMENTS_CONSUMER, failure.eventId))) return false;
  return (await client.query(CLOSED, [closed.map(({ id }) => id)])).rowCount === closed.length;
}

const eventsOf = (commands: readonly LifecycleCommand[]): string[] =>
  commands.flatMap((command) => ('eventId' in command ? [command.eventId] : []));

function toSnapshot(
  names: readonly LifecycleRead[],
  loaded: readonly pg.QueryResult[],
  eventIds: readonly string[],
): LifecycleSnapshot {
  const rowsOf = <Row>(name: LifecycleRead): readonly Row[] => loaded[names.indexOf(name)]?.rows ?? [];
  const terms = new Map<bigint, CouponTerms>();
  return {
    coupons: new Map(rowsOf<CouponRow>('coupons').map((row) => [row.id, toCoupon(row, terms)])),
    reservations: new Map(rowsOf<ReservationRow>('reservations').map((row) => [row.id, toReservation(row)])),
    policies: new Map(rowsOf<StockedPolicyRow>('policies').map((row) => [row.id, toStockedPolicy(row)])),
    unclaimedEvents: new Set(eventIds.filter(freshEvents({ rows: [...rowsOf<ClaimRow>('claims')] }))),
  };
}
