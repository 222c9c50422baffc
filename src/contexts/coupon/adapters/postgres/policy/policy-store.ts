import { and, desc, eq, gt, lt, lte, or, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { INSERT_OUTBOX, type OutboxBatch, outboxValues } from '../../../../../platform/events/outbox.ts';
import { transactOnce } from '../../../../../platform/idempotency/transact-once.ts';
import { ID_MAX } from '../../../../../platform/kernel/id-text.ts';
import type { IdSource } from '../../../../../platform/kernel/ids.ts';
import { isRefusal } from '../../../../../platform/kernel/refusal.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import { READ_TIME, timeIn } from '../../../../../platform/postgres/database-time.ts';
import { selectsOn } from '../../../../../platform/postgres/reader.ts';
import type { Changed, Inserted, PolicyStore } from '../../../application/policy/ports.ts';
import type { PolicyStatus } from '../../../domain/enumerations.ts';
import type { Policy } from '../../../domain/policy/policy.ts';
import { CodeTaken, removeSharedCode, storeSharedCode } from '../codes/stored-codes.ts';
import { couponPolicies, couponPolicyChanges, couponPolicyTerms } from '../schema.ts';
import { KEPT_TERMS, POLICY, POLICY_ACTION, POLICY_CHANGE, POLICY_EDIT } from './policy-mappings.ts';
import { isStoreClosed } from './store-closings.ts';

export interface PolicyStoreDeps {
  readonly database: Database;
  readonly nextId: IdSource;
  /** Builds the events of a change, or of a new policy when `before` is absent. */
  readonly eventsOf: (policy: Policy, before?: Policy) => readonly OutboxBatch[];
  /** Called after each attempt to write events: the outcome of a commit may be unknown. */
  readonly onEvents: () => void;
}

export function postgresPolicyStore({ database, nextId, eventsOf, onEvents }: PolicyStoreDeps): PolicyStore {
  const db = drizzle(database.pool);
  const recent = selectsOn(database.recentReads);
  const readNow = async (client: pg.ClientBase): Promise<number> =>
    database.time.presentAt(timeIn(await client.query(READ_TIME.text)));
  return {
    insert: (policy, idempotency) =>
      unlessCodeTaken('code taken' as const, () =>
        transactOnce<Inserted>(database.pool, idempotency, async (client) => {
          if (await isStoreClosed(client, policy)) return 'store closed' as const;
          await drizzle(client).insert(couponPolicies).values(POLICY_EDIT.toModel(policy));
          await insertTerms(client, policy);
          if (policy.terms.code !== undefined) await storeSharedCode(client, policy.id, policy.terms.code);
          await writeEvents(client, nextId(), eventsOf(policy));
          return policy;
        }),
      ).finally(onEvents),

    async find(id) {
      const [row] = await db.select().from(couponPolicies).where(eq(couponPolicies.id, id));
      return row && POLICY.fromModel(row);
    },

    async list({ status, now, distributionType, storeId, mayLag, before, limit }) {
      const rows = await (mayLag ? recent : db)
        .select()
        .from(couponPolicies)
        .where(
          and(
            status === undefined ? undefined : hasStatus(status, now),
            distributionType === undefined ? undefined : eq(couponPolicies.distributionType, distributionType),
            storeId === undefined ? isBefore(before) : isOfStore(storeId, before),
          ),
        )
        .orderBy(...(storeId === undefined ? [] : [desc(couponPolicies.storeId)]), desc(couponPolicies.id))
        .limit(limit);
      return rows.map((row) => POLICY.fromModel(row));
    },

    change: (id, note, decide, idempotency) =>
      unlessCodeTaken('code taken' as const, () =>
        transactOnce<Changed>(database.pool, idempotency, async (client) => {
          const tx = drizzle(client);
          const [row] = await tx.select().from(couponPolicies).where(eq(couponPolicies.id, id)).for('no key update');
          if (!row) return 'not found';
          const before = POLICY.fromModel(row);
          const nowMs = await readNow(client);
          const decided = decide(before, nowMs);
          if (isRefusal(decided)) return decided;
          if (decided === before) return { before, after: before };
          if (decided.terms.storeId !== before.terms.storeId && (await isStoreClosed(client, decided))) {
            return 'store closed';
          }
          const after = { ...decided, updatedAt: new Date(nowMs) };
          // A new epoch invalidates what nodes have cached of this policy.
          const formerIssuePerUser = Math.max(row.formerIssuePerUser, row.maxIssuePerUser);
          const changed = { ...POLICY_EDIT.toModel(after), refusalEpoch: row.refusalEpoch + 1, formerIssuePerUser };
          await tx.update(couponPolicies).set(changed).where(eq(couponPolicies.id, id));
          if (after.termsVersion !== before.termsVersion) await insertTerms(client, after);
          if (after.terms.code !== before.terms.code) {
            await removeSharedCode(client, id);
            if (after.terms.code !== undefined) await storeSharedCode(client, id, after.terms.code);
          }
          const change = {
            id: nextId(),
            policyId: id,
            kind: note.kind,
            changedBy: note.by,
            reason: note.reason,
            version: after.version,
            maxIssueCount: after.terms.maxIssueCount ?? null,
            status: after.status,
            changedAt: after.updatedAt,
          };
          await tx.insert(couponPolicyChanges).values(POLICY_CHANGE.toModel(change));
          await writeEvents(client, nextId(), eventsOf(after, before));
          return { before, after };
        }),
      ).finally(onEvents),

    record: (id, note, idempotency) =>
      transactOnce(database.pool, idempotency, async (client) => {
        const recordId = nextId();
        const { kind, by: changedBy, reason } = note;
        const changedAt = new Date(await readNow(client));
        const action = POLICY_ACTION.values([], { id: recordId, kind, changedBy, reason, changedAt });
        await client.query(RECORD, [id, ...action]);
        return recordId;
      }),

    conclude: (idempotency, outcome) => transactOnce(database.pool, idempotency, async () => outcome),

    async policiesTriggeredBy(topics) {
      const { rows } = await database.pool.query<{ topic: string; ids: readonly string[] }>(TRIGGERED, [topics]);
      return new Map(rows.map(({ topic, ids }) => [topic, ids.map(BigInt)]));
    },
  };
}

// $1 is the policy; the parameters of the mapping follow.
const RECORD = `
  insert into coupon.coupon_policy_changes (${POLICY_ACTION.insertColumns})
  select ${POLICY_ACTION.insertValues('p.', 2)} from coupon.coupon_policies p where p.id = $1`;

// Text, because the driver maps int8 to bigint, but not arrays of it.
const TRIGGERED = `
  select trigger_event_type as topic, array_agg(id::text order by id) as ids from coupon.coupon_policies
  where trigger_event_type = any($1) and distribution_type = 'EVENT' and status <> 'ENDED' group by trigger_event_type`;

/** policyStatusAt of domain/policy/policy.ts as SQL. */
function hasStatus(status: PolicyStatus, now: Date) {
  const { validFrom, validUntil } = couponPolicies;
  const is = eq(couponPolicies.status, status);
  const isPending = eq(couponPolicies.status, 'PENDING');
  if (status === 'ENDED') return or(is, lte(validUntil, now));
  if (status === 'PENDING') return and(is, gt(validFrom, now), gt(validUntil, now));
  if (status === 'ACTIVE') return and(or(is, and(isPending, lte(validFrom, now))), gt(validUntil, now));
  return and(is, gt(validUntil, now));
}

const isBefore = (before: bigint | undefined) => (before === undefined ? undefined : lt(couponPolicies.id, before));

// Compared and sorted as a whole, which only the index of stores can do: for a store with a tenth of all policies the planner walked the
// primary key past those of the others, which is every newer policy when the store has old ones only.
function isOfStore(storeId: bigint, before: bigint | undefined) {
  const row = sql`(${couponPolicies.storeId}, ${couponPolicies.id})`;
  const last = before === undefined ? ID_MAX : before - 1n;
  return sql`${row} >= (${storeId}::bigint, 0) and ${row} <= (${storeId}::bigint, ${last}::bigint)`;
}

/** Stores the policy's present version of the terms that coupons keep. */
async function insertTerms(client: pg.PoolClient, policy: Policy): Promise<void> {
  const { id: policyId, terms, termsVersion: version, updatedAt: createdAt } = policy;
  const { discountType, discountValue, minimumOrderAmount, maxDiscountAmount, storeId: eligibleStoreId } = terms;
  const row = {
    policyId,
    version,
    discountType,
    discountValue,
    minimumOrderAmount,
    maxDiscountAmount,
    eligibleStoreId,
    createdAt,
  };
  await drizzle(client).insert(couponPolicyTerms).values(KEPT_TERMS.toModel(row));
}

async function writeEvents(client: pg.ClientBase, id: bigint, batches: readonly OutboxBatch[]): Promise<void> {
  if (batches.length > 0) await client.query(INSERT_OUTBOX, outboxValues(id, batches));
}

async function unlessCodeTaken<T, Taken>(taken: Taken, work: () => Promise<T>): Promise<T | Taken> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CodeTaken) return taken;
    throw error;
  }
}
