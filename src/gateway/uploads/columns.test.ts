import { expect, it } from 'vitest';
import { rowReader } from './columns.ts';

const CODES = { value: ['code', '쿠폰코드'], hasStatus: true };

function valuesOf(records: readonly (readonly string[])[], columns = CODES): unknown[] {
  const read = rowReader(columns);
  return records.flatMap((cells, index) => {
    const row = read(cells, index + 1);
    return row === undefined ? [] : [row.status === '' ? row.value : [row.value, row.status]];
  });
}

it.each([
  ['one column without a header', [['A1'], ['A2']], ['A1', 'A2']],
  ['one column with a header', [[' Code '], ['A1']], ['A1']],
  [
    'a header before empty columns',
    [
      ['CODE', '', ''],
      ['A1', '', ''],
    ],
    ['A1'],
  ],
  ['a column between others', [['no', 'Coupon', '쿠폰_코드'], ['1', 'x', 'A1'], ['2']], ['A1', '']],
  [
    'a decomposed name',
    [
      ['no', '쿠폰코드'.normalize('NFD')],
      ['1', 'A1'],
    ],
    ['A1'],
  ],
  [
    'our export',
    [
      ['code', 'status', 'userId', 'redeemedAt'],
      ['A1', 'REDEEMED', '7', 'x'],
      ['A2', '', '', ''],
    ],
    [['A1', 'REDEEMED'], 'A2'],
  ],
  [
    'our file of errors',
    [
      ['row', 'line', 'code'],
      ['3', 'A1', 'VALIDATION_FAILED'],
    ],
    ['A1'],
  ],
  [
    'blank records',
    [
      ['', ''],
      ['x', 'code'],
      ['', ''],
      ['1', "'-A1"],
    ],
    ['-A1'],
  ],
])('a file with %s is read by its right column', (_, records, values) => expect(valuesOf(records)).toEqual(values));

it('a status is read only where the job knows one', () => {
  expect(
    valuesOf(
      [
        ['code', 'status'],
        ['A1', 'REDEEMED'],
      ],
      { ...CODES, hasStatus: false },
    ),
  ).toEqual(['A1']);
});

it.each([
  ['without a header', [['1', 'A1']]],
  [
    'with a header that names no column',
    [
      ['no', 'serial'],
      ['1', 'A1'],
    ],
  ],
  ['with a title above the table', [['Our codes'], ['no', 'code'], ['1', 'A1']]],
  ['with a header of one column above two', [['code'], ['1', 'A1']]],
  [
    'with two columns that could be meant',
    [
      ['code', '쿠폰코드'],
      ['1', 'A1'],
    ],
  ],
])('a file of several columns %s is refused', (_, records) => {
  expect(() => valuesOf(records)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
});
