import type { PlantedBug } from './bugs.ts';

const COLUMNS = 'src/gateway/uploads/columns.ts';
const COLUMNS_TEST = ['src/gateway/uploads/columns.test.ts'];
const ENCODING_TEST = ['src/gateway/uploads/encoding.test.ts'];
const STORE = 'src/contexts/coupon/adapters/postgres/codes/code-store.ts';
const IMPORT_TEST = ['src/contexts/coupon/test/coupon-codes.int.test.ts'];
const OVER_HTTP = ['test/gateway/coupon-codes.int.test.ts'];

/** In how uploaded files are read, and codes imported. */
export const FILE_BUGS: readonly PlantedBug[] = [
  {
    name: 'files: the first of several columns is read when the header names none',
    file: COLUMNS,
    within: 'rowReader',
    search: 'place === undefined && filled > 1',
    replace: 'false',
    tests: COLUMNS_TEST,
  },
  {
    name: 'files: a title above a table makes its first column the one that is read',
    file: COLUMNS,
    within: 'readOnly',
    search: "cells.slice(1).some((cell) => cell !== '')",
    replace: 'false',
    tests: COLUMNS_TEST,
  },
  {
    name: 'files: a file of errors is read by its reasons',
    file: COLUMNS,
    within: 'valuePlace',
    search: "names.indexOf('line')",
    replace: "names.indexOf('code')",
    tests: COLUMNS_TEST,
  },
  {
    name: 'files: CP949 is taken for UTF-8 when a part ends within a character',
    file: 'src/gateway/uploads/encoding.ts',
    within: 'utf8OrCp949',
    search: '!isLast && held.length - from < DECIDING_BYTES',
    replace: 'false',
    tests: ENCODING_TEST,
  },
  {
    name: 'files: half a character swallows the delimiter after it',
    file: 'src/gateway/uploads/cp949.ts',
    within: 'cp949Decoder',
    search: 'if (unit === 0 && byte < 0x80) units[length++] = byte;',
    replace: '',
    tests: ENCODING_TEST,
  },
  {
    name: 'import: the codes of others are told apart from codes that cannot be used',
    file: STORE,
    within: 'takenErrors',
    search: 'owners.get(code.code) === policyId',
    replace: 'true',
    tests: IMPORT_TEST,
    only: 'an import stores codes as they are written',
  },
  {
    name: 'import: short codes are taken over',
    file: 'src/contexts/coupon/domain/codes/code.ts',
    within: 'normalizeImported',
    search: '[...code].length >= IMPORTED_SYMBOLS_MIN',
    replace: 'true',
    tests: IMPORT_TEST,
    only: 'an import stores codes as they are written',
  },
  {
    name: 'import: redeemed codes of an export are issued again',
    file: 'src/contexts/coupon/application/jobs/import-codes-rows.ts',
    within: 'readCodes',
    search: 'if (status !== undefined)',
    replace: 'if (status === null)',
    tests: IMPORT_TEST,
    only: 'an import stores codes as they are written',
  },
  {
    name: 'import: a dry run does not see codes that a file repeats in another part',
    file: STORE,
    within: 'checkPart',
    search: '!first.has(code)',
    replace: 'false',
    tests: OVER_HTTP,
    only: 'a dry run of an import returns what the import then does',
  },
];
