import type pg from 'pg';
import { type PostgresBatchDeps, rowsByLoad } from '../../../../../platform/batching/postgres-batches.ts';
import { insertEvents } from '../../../../../platform/events/outbox.ts';
import { arrayLiteral, numbers } from '../../../../../platform/postgres/array-literal.ts';
import { batchTransaction } from '../../../../../platform/postgres/batch-transaction.ts';
import type { RowOf } from '../../../../../platform/postgres/table-mapping.ts';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import type { RowIssueStore } from '../../../application/jobs/ports.ts';
import type { Holding, IssueCommand, IssueDecision, IssueSnapshot, NewCoupon } from '../../../domain/issue/issue.ts';
import { ISSUABLE_POLICY } from '../issue/issue-mappings.ts';
import { issueReads, issueWrites, toSnapshot } from '../issue/issue-store.ts';
import { checkParts, jobInput } from './job-input.ts';
import { advanceJob, hasAdvanced, lockJob, progressAfter, requireLease } from './job-step.ts';

const FIND_POLICY = `select ${ISSUABLE_POLICY.columns('p')} from coupon.coupon_policies p where p.id = $1`;

// What the rows so far would have issued. In PostgreSQL, because five million users take half a gigabyte of a node's memory.
const CREATE_CHECKED = `
  create temp table checked_users (user_id bigint, slot int, sequence_no int, primary key (user_id, slot)) on commit drop`;
const ADD_CHECKED = `
  insert into pg_temp.checked_users select * from unnest($1::bigint[], $2::int[], $3::int[])`;

// The rows are compared as a whole, as in the batches of issuing.
const HOLDINGS = `
  select i.user_id, i.slot, i.sequence_no, i.id
  from unnest($2::bigint[]) wanted(user_id)
  join coupon.coupon_issues i on (i.user_id, i.policy_id) >= (wanted.user_id, $1)
    and (i.user_id, i.policy_id) <= (wanted.user_id, $1) and i.slot is not null
  union all
  select c.user_id, c.slot, c.sequence_no, 0 from pg_temp.checked_users c where c.user_id = any($2)`;

interface HoldingRow {
  readonly user_id: bigint;
  readonly slot: number;
  readonly sequence_no: number;
  readonly id: bigint;
}

/** The coupons of the users, those of earlier rows of the check included. */
async function holdingsOf(
  client: pg.ClientBase,
  policyId: bigint,
  commands: readonly IssueCommand[],
): Promise<ReadonlyMap<bigint, readonly Holding[]>> {
  const users = [...new Set(commands.map(({ userId }) => userId))];
  const { rows } = await client.query<HoldingRow>(HOLDINGS, [policyId, arrayLiteral(users)]);
  const found = new Map<bigint, Holding[]>();
  for (const { user_id, slot, sequence_no, id } of rows) {
    const holding = { couponId: id, sequenceNo: sequence_no, slot };
    const held = found.get(user_id);
    if (held) held.push(holding);
    else found.set(user_id, [holding]);
  }
  return found;
}

async function storeChecked(client: pg.ClientBase, issued: readonly NewCoupon[]): Promise<void> {
  const columns = [
    numbers(issued, ({ userId }) => userId),
    numbers(issued, ({ slot }) => slot),
    numbers(issued, ({ sequenceNo }) => sequenceNo),
  ];
  await client.query(ADD_CHECKED, columns);
}

/** Issues the rows of a job: coupons, events and progress in one transaction. */
export function postgresRowIssueStore({
  database,
  nextId,
  eventsOf,
  onEvents,
}: PostgresBatchDeps<IssueDecision, IssueSnapshot>): RowIssueStore {
  return {
    lines: jobInput(database),
    async issueRows(job, commands, decide) {
      const reads = issueReads(commands);
      const outboxId = nextId();
      const progress = await batchTransaction(database, {
        load: [lockJob(job), ...reads.values()],
        decide: ([held, ...loaded]) => {
          requireLease(held);
          const snapshot = toSnapshot(rowsByLoad(reads, loaded));
          const { decision, rows, errors } = decide(snapshot);
          return {
            writes: [
              ...issueWrites(decision),
              ...insertEvents(outboxId, eventsOf(decision, snapshot)),
              ...advanceJob(job, rows, errors),
            ],
            result: progressAfter(job, rows, errors),
          };
        },
        wasCommitted: (client) => hasAdvanced(client, job),
      });
      onEvents();
      return progress;
    },

    checkRows: (job, errorsMax, read) =>
      inTransaction(database.pool, async (client) => {
        await client.query(CREATE_CHECKED);
        const { rows } = await client.query<RowOf<typeof ISSUABLE_POLICY>>(FIND_POLICY, [job.policyId]);
        let policy = rows[0] && ISSUABLE_POLICY.read(rows[0]);
        return await checkParts(client, job, errorsMax, async (lines, done) => {
          const { commands, decide } = read(lines, done);
          const holdings = await holdingsOf(client, job.policyId, commands);
          const policies = new Map(policy ? [[policy.id, policy]] : []);
          const { decision, errors } = decide({
            policies,
            holdings: (_, userId) => holdings.get(userId) ?? [],
            // Rows of a list have neither code nor event.
            claim: () => undefined,
          });
          await storeChecked(client, decision.issued);
          policy = decision.changed[0] ?? policy;
          return errors;
        });
      }),
  };
}
