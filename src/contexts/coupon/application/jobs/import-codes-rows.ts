import { normalizeImported } from '../../domain/codes/code.ts';
import type { CodeStore, ImportedCodes } from '../codes/ports.ts';
import type { JobKind } from './ports.ts';

const STEP_LINES = 10_000;

/** Imports unique codes from another system; each line is a code, or a code, a tab and its status. */
export const importCodesRows = (store: Pick<CodeStore, 'lines' | 'addImported' | 'checkImport'>): JobKind => ({
  kind: 'IMPORT_CODES',
  acceptsLinesFor: 'CODE',
  step: async (job) => store.addImported(job, readCodes(await store.lines(job, STEP_LINES), job.done)),
  check: (job, errorsMax) => store.checkImport(job, errorsMax, readCodes),
});

/**
 * Errors: VALIDATION_FAILED for an invalid code, COUPON_ALREADY_USED for one that another system has issued, DUPLICATE_COUPON_CODE for a
 * repetition of an earlier line.
 */
function readCodes(lines: readonly string[], rowsBefore: number): ImportedCodes {
  const codes = new Map<string, ImportedCodes['codes'][number]>();
  const errors: ImportedCodes['errors'][number][] = [];
  for (const [index, text] of lines.entries()) {
    const row = rowsBefore + index + 1;
    const [line = '', status] = text.split('\t');
    const code = normalizeImported(line);
    if (status !== undefined) errors.push({ row, line, code: codeOfStatus(status) });
    else if (code === undefined) errors.push({ row, line, code: 'VALIDATION_FAILED' });
    else if (codes.has(code)) errors.push({ row, line, code: 'DUPLICATE_COUPON_CODE' });
    else codes.set(code, { row, code, shown: line.trim() });
  }
  return { rows: lines.length, codes: [...codes.values()], errors };
}

/** REDEEMED is the status of the export. What an unknown one means is not known, so its code is not issued. */
const codeOfStatus = (status: string): string => (status === 'REDEEMED' ? 'COUPON_ALREADY_USED' : 'VALIDATION_FAILED');
