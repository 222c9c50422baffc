import type pg from 'pg';
import type { Statement } from '../../../../../platform/postgres/batch-transaction.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import type { CodeReader, CodeStore } from '../../../application/codes/ports.ts';
import type { LeasedJob, RowError } from '../../../application/jobs/ports.ts';
import { fitsShape, importedShape } from '../../../domain/codes/code.ts';
import type { GeneratedCode } from '../../../domain/codes/code-plan.ts';
import { jobInput } from '../jobs/job-input.ts';
import { advanceJob, lockJob, progressAfter, requireLease } from '../jobs/job-step.ts';
import { type Batch, storeFreeCodes, storeNewCodes, storeShapes } from './stored-codes.ts';

/** With 64 random bits the first draw is practically always free. */
const DRAWS_MAX = 10;

/** `onShapes` is called after each commit that may have stored shapes. */
export function postgresCodeStore(
  database: Database,
  reader: Pick<CodeReader, 'shapes'>,
  onShapes: () => void,
): CodeStore {
  const { pool } = database;
  return {
    addShapes: (shapes) => inTransaction(pool, (client) => storeShapes(client, shapes)).finally(onShapes),

    addGenerated: (job, count, make) =>
      inTransaction(pool, async (client) => {
        requireLease(await run(client, lockJob(job)));
        const places = Array.from({ length: count }, (_, index) => job.done + index);
        await storeGenerated(client, job, places, make);
        for (const statement of advanceJob(job, count, [])) await run(client, statement);
        return progressAfter(job, count, []);
      }),

    lines: jobInput(database),

    async addImported(job, { rows, codes, errors }) {
      // A code that fits a shape with a check symbol needs no shape of its own, so that most typos of it are still
      // rejected.
      const checked = (await reader.shapes()).filter(({ symbols }) => symbols !== '');
      const foreign = codes.filter(({ code }) => !checked.some((shape) => fitsShape(shape, code)));
      return await inTransaction(pool, async (client) => {
        requireLease(await run(client, lockJob(job)));
        await storeShapes(
          client,
          foreign.map(({ code }) => importedShape(code)),
        );
        const rowsOf = codes.map(({ row }) => row);
        const stored = await storeFreeCodes(client, placed(job, codes, rowsOf));
        const taken = codes.filter(({ row }) => !stored.has(row));
        const failed = [...errors, ...taken.map(({ row, shown }) => takenError(row, shown))].sort(
          (a, b) => a.row - b.row,
        );
        for (const statement of advanceJob(job, rows, failed)) await run(client, statement);
        return progressAfter(job, rows, failed);
      }).finally(onShapes);
    },
  };
}

async function storeGenerated(
  client: pg.ClientBase,
  job: LeasedJob,
  places: readonly number[],
  make: (count: number) => readonly GeneratedCode[],
): Promise<void> {
  let batch = placed(job, make(places.length), places);
  if (await storeNewCodes(client, batch)) return;
  for (let draws = 0; draws < DRAWS_MAX; draws++) {
    const stored = await storeFreeCodes(client, batch);
    const missing = batch.codes.flatMap(({ place }) => (stored.has(place) ? [] : [place]));
    if (missing.length === 0) return;
    batch = placed(job, make(missing.length), missing);
  }
  throw new Error(`job ${job.id} drew only codes that exist`);
}

const placed = (
  { id: jobId, policyId }: LeasedJob,
  codes: readonly GeneratedCode[],
  places: readonly number[],
): Batch => ({
  policyId,
  jobId,
  codes: codes.map(({ code, shown }, index) => ({ code, shown, place: places[index] ?? 0 })),
});

const takenError = (row: number, line: string): RowError => ({ row, line, code: 'DUPLICATE_COUPON_CODE' });

const run = (client: pg.ClientBase, { name, text, values }: Statement) =>
  client.query({ name, text, values: values as unknown[] });
