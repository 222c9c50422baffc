import { and, desc, eq, lt } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { INSERT_OUTBOX, type OutboxBatch, outboxValues } from '../../../../platform/events/outbox.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import { policyEvents } from '../../application/policy-events.ts';
import type { ChangeNote, Policy, PolicyStore } from '../../application/ports.ts';
import { toPolicy, toRow } from './policy-rows.ts';
import { couponPolicies, couponPolicyChanges } from './schema.ts';

const UNIQUE_VIOLATION = '23505';

export function postgresPolicyStore(database: Database, clock: Clock, nextId: IdSource, onCommit: () => void): PolicyStore {
  const db = drizzle(database.pool);

  async function record(tx: Transaction, policy: Policy, note: ChangeNote): Promise<void> {
    await tx.insert(couponPolicyChanges).values({
      id: nextId(),
      policyId: policy.id,
      kind: note.kind,
      changedBy: note.by,
      reason: note.reason,
      version: policy.version,
      maxIssueCount: policy.terms?.maxIssueCount ?? null,
      status: policy.status,
      changedAt: new Date(clock()),
    });
  }

  return {
    insert: (policy) =>
      unlessCodeTaken(
        async () => {
          const [row] = await db.insert(couponPolicies).values(toRow(policy)).returning();
          return row && toPolicy(row);
        },
        () => undefined,
      ),

    async find(id) {
      const [row] = await db.select().from(couponPolicies).where(eq(couponPolicies.id, id));
      return row && toPolicy(row);
    },

    async list({ status, distributionType, storeId, before, limit }) {
      const rows = await db
        .select()
        .from(couponPolicies)
        .where(
          and(
            status === undefined ? undefined : eq(couponPolicies.status, status),
            distributionType === undefined ? undefined : eq(couponPolicies.distributionType, distributionType),
            storeId === undefined ? undefined : eq(couponPolicies.storeId, storeId),
            before === undefined ? undefined : lt(couponPolicies.id, before),
          ),
        )
        .orderBy(desc(couponPolicies.id))
        .limit(limit);
      return rows.map(toPolicy);
    },

    async change(id, note, decide) {
      const outcome = await unlessCodeTaken(
        () =>
          db.transaction(async (tx) => {
            const [row] = await tx.select().from(couponPolicies).where(eq(couponPolicies.id, id)).for('no key update');
            if (!row) return 'not found' as const;
            const before = toPolicy(row);
            const after = decide(before);
            if (isRefusal(after)) return after;
            if (after === before) return { before, after };
            const updatedAt = new Date(clock());
            // A new epoch: whatever nodes remember of this policy is read again.
            const changed = { ...toRow(after), updatedAt, refusalEpoch: row.refusalEpoch + 1 };
            await tx.update(couponPolicies).set(changed).where(eq(couponPolicies.id, id));
            await record(tx, after, note);
            await writeEvents(tx.$client, nextId(), policyEvents(before, after));
            return { before, after: { ...after, updatedAt } };
          }),
        () => 'code taken' as const,
      );
      if (typeof outcome === 'object' && 'after' in outcome) onCommit();
      return outcome;
    },
  };
}

type Transaction = Parameters<Parameters<ReturnType<typeof drizzle<Record<string, never>, pg.Pool>>['transaction']>[0]>[0] & {
  readonly $client?: pg.ClientBase;
};
