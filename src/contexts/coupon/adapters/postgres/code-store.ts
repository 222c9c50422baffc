import type pg from 'pg';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { Statement } from '../../../../platform/postgres/group-transaction.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { CodeReader, CodeStore } from '../../application/code-ports.ts';
import type { RowError } from '../../application/jobs/ports.ts';
import { fits, foreignShape } from '../../domain/code.ts';
import { jobInput } from './job-input.ts';
import { holdJob, movedBy, moveJob, requireHeld } from './job-step.ts';
import { storeShapes, storeUniqueCodes } from './stored-codes.ts';

/** With 64 random bits the first draw does it. */
const DRAWS_MAX = 10;

/** `onShapes` is called after a commit that may have stored shapes. */
export function postgresCodeStore(
  database: Database,
  reader: Pick<CodeReader, 'shapes'>,
  onShapes: () => void,
): CodeStore {
  const { pool } = database;
  return {
    addShapes: (shapes) => inTransaction(pool, (client) => storeShapes(client, shapes)).finally(onShapes),

    addMade: (job, count, make) =>
      inTransaction(pool, async (client) => {
        requireHeld(await run(client, holdJob(job)));
        let missing = Array.from({ length: count }, (_, index) => job.done + index);
        for (let draws = 0; missing.length > 0; draws++) {
          if (draws === DRAWS_MAX) throw new Error(`job ${job.id} draws codes that exist, again and again`);
          const codes = make(missing.length).map((made, index) => ({ ...made, place: missing[index] ?? 0 }));
          const stored = await storeUniqueCodes(client, { policyId: job.policyId, jobId: job.id, codes });
          missing = missing.filter((place) => !stored.has(place));
        }
        for (const statement of moveJob(job, count, [])) await run(client, statement);
        return movedBy(job, count, []);
      }),

    lines: jobInput(database),

    async addImported(job, { rows, codes, errors }) {
      // A code that passes a check that we know needs no shape of its own: most typos of its like stay typos.
      const checked = (await reader.shapes()).filter(({ symbols }) => symbols !== '');
      const foreign = codes.filter(({ code }) => !checked.some((shape) => fits(shape, code)));
      return await inTransaction(pool, async (client) => {
        requireHeld(await run(client, holdJob(job)));
        await storeShapes(
          client,
          foreign.map(({ code }) => foreignShape(code)),
        );
        const placed = codes.map(({ row, ...made }) => ({ ...made, place: row }));
        const stored = await storeUniqueCodes(client, { policyId: job.policyId, jobId: job.id, codes: placed });
        const taken = codes.filter(({ row }) => !stored.has(row));
        const failed = [...errors, ...taken.map(({ row, shown }) => takenError(row, shown))].sort(
          (a, b) => a.row - b.row,
        );
        for (const statement of moveJob(job, rows, failed)) await run(client, statement);
        return movedBy(job, rows, failed);
      }).finally(onShapes);
    },
  };
}

const takenError = (row: number, line: string): RowError => ({ row, line, code: 'DUPLICATE_COUPON_CODE' });

const run = (client: pg.ClientBase, { name, text, values }: Statement) =>
  client.query({ name, text, values: values as unknown[] });
