import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { Database } from '../../../../../platform/postgres/database.ts';
import type { JobRecord, LeasedJob, RowCheck, RowError } from '../../../application/jobs/ports.ts';

const PART_AT = `
  select rows_before, lines from coupon.coupon_job_input
  where job_id = $1 and rows_before <= $2 order by rows_before desc limit 1`;

interface Part {
  readonly rows_before: number;
  readonly lines: readonly string[];
}

/** The part of a job's input that has the row after `done`. */
const partAt = async (database: Pick<pg.ClientBase, 'query'>, jobId: bigint, done: number): Promise<Part | undefined> =>
  (await database.query<Part>(PART_AT, [jobId, done])).rows[0];

/** Checks the input of an OPEN job part after part, in the client's transaction. `check` returns the errors of a part. */
export async function checkParts(
  client: pg.ClientBase,
  job: JobRecord,
  errorsMax: number,
  check: (lines: readonly string[], rowsBefore: number) => Promise<readonly RowError[]>,
): Promise<RowCheck> {
  let [failed, errors]: [number, readonly RowError[]] = [0, []];
  for (let done = 0; done < job.total; ) {
    const part = await partAt(client, job.id, done);
    if (part === undefined) throw new Error(`job ${job.id} has ${job.total} lines, and none after ${done}`);
    const found = await check(part.lines, done);
    failed += found.length;
    errors = [...errors, ...found.slice(0, errorsMax - errors.length)];
    done += part.lines.length;
  }
  return { failed, errors };
}

/** For the jobs that a node runs at the same time, and those that have just ended. */
const PARTS_CACHED = 4;

/**
 * Returns lines after the job's progress, at most `max`. A part is read once and cached until its last line was
 * returned.
 */
export function jobInput({
  pool,
}: Pick<Database, 'pool'>): (job: LeasedJob, max: number) => Promise<readonly string[]> {
  const parts = new LRUCache<bigint, Part>({ max: PARTS_CACHED });
  return async ({ id, done, total }, max) => {
    let part = parts.get(id);
    if (!part || done < part.rows_before || done >= part.rows_before + part.lines.length) {
      part = await partAt(pool, id, done);
      parts.delete(id);
    }
    const lines = part?.lines.slice(done - part.rows_before, done - part.rows_before + max) ?? [];
    if (!part || lines.length === 0) throw new Error(`job ${id} has ${total} lines, and none after ${done}`);
    parts.set(id, part);
    return lines;
  };
}
