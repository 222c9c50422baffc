import type pg from 'pg';
import type { Statement } from '../../../../../platform/postgres/batch-transaction.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import type { CodeClaims, CodeReader, CodeStore, ImportedCodes } from '../../../application/codes/ports.ts';
import type { JobRecord, LeasedJob, RowError } from '../../../application/jobs/ports.ts';
import { fitsShape, importedShape } from '../../../domain/codes/code.ts';
import type { GeneratedCode } from '../../../domain/codes/code-plan.ts';
import { checkParts, jobInput } from '../jobs/job-input.ts';
import { advanceJob, lockJob, progressAfter, requireLease } from '../jobs/job-step.ts';
import { type Batch, storeFreeCodes, storeNewCodes, storeShapes } from './stored-codes.ts';

/** With 64 random bits the first draw is practically always free. */
const DRAWS_MAX = 10;

/** `onShapes` is called after each commit that may have stored shapes. */
export function postgresCodeStore(
  database: Database,
  reader: Pick<CodeReader, 'shapes'>,
  claims: CodeClaims,
  onShapes: () => void,
): CodeStore {
  const { pool } = database;
  return {
    addShapes: (shapes) => inTransaction(pool, (client) => storeShapes(client, shapes)).finally(onShapes),

    async addGenerated(job, count, make) {
      const claimed = await drawClaimed(claims, job, count, make);
      return await inTransaction(pool, async (client) => {
        requireLease(await run(client, lockJob(job)));
        const places = Array.from({ length: count }, (_, index) => job.done + index);
        await storeGenerated(client, job, places, claimed, make);
        for (const statement of advanceJob(job, count, [])) await run(client, statement);
        return progressAfter(job, count, []);
      });
    },

    lines: jobInput(database),

    async addImported(job, { rows, codes, errors }) {
      // A code that fits a shape with a check symbol needs no shape of its own, so that most typos of it are still
      // rejected.
      const checked = (await reader.shapes()).filter(({ symbols }) => symbols !== '');
      const foreign = codes.filter(({ code }) => !checked.some((shape) => fitsShape(shape, code)));
      const elsewhere = await claims.claim({ policyId: job.policyId, jobId: job.id }, codes);
      const free = codes.filter(({ code }) => !elsewhere.has(code));
      return await inTransaction(pool, async (client) => {
        requireLease(await run(client, lockJob(job)));
        await storeShapes(
          client,
          foreign.map(({ code }) => importedShape(code)),
        );
        const rowsOf = free.map(({ row }) => row);
        const stored = await storeFreeCodes(client, placed(job, free, rowsOf));
        const taken = free.filter(({ row }) => !stored.has(row));
        const ofOthers = codes.filter(({ code }) => elsewhere.has(code)).map((code) => takenError(code, false));
        const failed = inOrder([...errors, ...ofOthers, ...(await takenErrors(client, job.policyId, taken))]);
        for (const statement of advanceJob(job, rows, failed)) await run(client, statement);
        return progressAfter(job, rows, failed);
      }).finally(onShapes);
    },

    checkImport: (job, errorsMax, read) =>
      inTransaction(pool, async (client) => {
        await client.query(CREATE_CHECKED);
        return await checkParts(client, job, errorsMax, (lines, done) => checkPart(client, job, read(lines, done)));
      }),
  };
}

// The codes of the file so far. In PostgreSQL, because five million of them take half a gigabyte of a node's memory.
const CREATE_CHECKED = 'create temp table checked_codes (code text primary key) on commit drop';
const ADD_CHECKED = 'insert into pg_temp.checked_codes select unnest($1::text[]) on conflict do nothing returning code';
const EXISTING = 'select code, policy_id from coupon.coupon_codes where code = any($1)';

/** The errors of one part, in order of the rows. */
async function checkPart(
  client: pg.ClientBase,
  { policyId }: JobRecord,
  { codes, errors }: ImportedCodes,
): Promise<readonly RowError[]> {
  const { rows } = await client.query<{ code: string }>(ADD_CHECKED, [codes.map(({ code }) => code)]);
  const first = new Set(rows.map(({ code }) => code));
  const repeated = codes.filter(({ code }) => !first.has(code)).map((code) => takenError(code, true));
  const existing = await takenErrors(
    client,
    policyId,
    codes.filter(({ code }) => first.has(code)),
  );
  return inOrder([...errors, ...repeated, ...existing]);
}

type ImportedCode = ImportedCodes['codes'][number];

/** The errors of those codes that exist. */
async function takenErrors(
  client: pg.ClientBase,
  policyId: bigint,
  codes: readonly ImportedCode[],
): Promise<readonly RowError[]> {
  if (codes.length === 0) return [];
  const { rows } = await client.query<{ code: string; policy_id: bigint }>(EXISTING, [codes.map(({ code }) => code)]);
  const owners = new Map(rows.map((row) => [row.code, row.policy_id]));
  return codes
    .filter(({ code }) => owners.has(code))
    .map((code) => takenError(code, owners.get(code.code) === policyId));
}

/** A code of another policy is reported as any code that cannot be used, so that a caller cannot find out which codes others have. */
const takenError = ({ row, shown }: ImportedCode, isOwn: boolean): RowError => ({
  row,
  line: shown,
  code: isOwn ? 'DUPLICATE_COUPON_CODE' : 'VALIDATION_FAILED',
});

const inOrder = (errors: readonly RowError[]): readonly RowError[] => errors.toSorted((a, b) => a.row - b.row);

/** Draws codes that no other policy has in any shard. */
async function drawClaimed(
  claims: CodeClaims,
  { id: jobId, policyId }: LeasedJob,
  count: number,
  make: (count: number) => readonly GeneratedCode[],
): Promise<readonly GeneratedCode[]> {
  const drawn: GeneratedCode[] = [];
  for (let draws = 0; draws <= DRAWS_MAX; draws++) {
    const more = make(count - drawn.length);
    const taken = await claims.claim({ policyId, jobId }, more);
    drawn.push(...more.filter(({ code }) => !taken.has(code)));
    if (drawn.length === count) return drawn;
  }
  throw new Error(`job ${jobId} drew only codes that other policies have`);
}

async function storeGenerated(
  client: pg.ClientBase,
  job: LeasedJob,
  places: readonly number[],
  codes: readonly GeneratedCode[],
  make: (count: number) => readonly GeneratedCode[],
): Promise<void> {
  let batch = placed(job, codes, places);
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

const run = (client: pg.ClientBase, { name, text, values }: Statement) =>
  client.query({ name, text, values: values as unknown[] });
