import type { Clock } from '../../../../platform/kernel/clock.ts';
import { parseId } from '../../../../platform/kernel/id-text.ts';
import { type IdSource, reserveIds } from '../../../../platform/kernel/ids.ts';
import { decideIssues, type IssueCommand, type IssueDecision } from '../../domain/issue/issue.ts';
import type { JobKind, RowError, RowIssueStore, RowsToIssue } from './ports.ts';

/**
 * Rows per step: larger batches cost PostgreSQL less for each row, but hold the policy's lock longer
 * (bench/jobs/run.ts).
 */
const STEP_ROWS = 1_000;

/** Issues to every user of a list; each line is a user id. */
export const directIssueRows = (
  store: RowIssueStore,
  clock: Clock,
  nextId: IdSource,
  stepRows = STEP_ROWS,
): JobKind => ({
  kind: 'DIRECT_ISSUE',
  acceptsLinesFor: 'DIRECT',
  async step(job) {
    const lines = await store.lines(job, stepRows);
    const { commands, decide } = rowsToIssue(job.policyId, lines, job.done, clock, (count) =>
      reserveIds(nextId, count),
    );
    return await store.issueRows(job, commands, decide);
  },
  check: (job, errorsMax) =>
    store.checkRows(job, errorsMax, (lines, rowsBefore) =>
      rowsToIssue(job.policyId, lines, rowsBefore, clock, () => () => NO_ID),
    ),
});

/** The coupons of a check are never stored. */
const NO_ID = 0n;

function rowsToIssue(
  policyId: bigint,
  lines: readonly string[],
  rowsBefore: number,
  clock: Clock,
  reserve: (count: number) => IdSource,
): RowsToIssue {
  const rows = lines.map((line, index) => ({ row: rowsBefore + index + 1, line, userId: userOf(line) }));
  const commands = rows.flatMap(({ userId }): IssueCommand[] =>
    userId === undefined ? [] : [{ policyId, userId, issueMethod: 'DIRECT' }],
  );
  const ids = reserve(commands.length);
  return {
    commands,
    decide(snapshot) {
      const decision = decideIssues(snapshot, commands, clock(), ids);
      const outcomes = decision.outcomes[Symbol.iterator]();
      const errors = rows.flatMap(({ row, line, userId }): RowError[] => {
        const code = userId === undefined ? 'VALIDATION_FAILED' : codeOf(outcomes.next().value);
        return code === undefined ? [] : [{ row, line, code }];
      });
      return { decision, rows: rows.length, errors };
    },
  };
}

const codeOf = (outcome: IssueDecision['outcomes'][number] | undefined): string | undefined =>
  outcome?.kind === 'refused' ? outcome.refusal.code : undefined;

const userOf = (line: string): bigint | undefined => parseId(line.trim());
