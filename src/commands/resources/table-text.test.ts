import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { recordText } from './record-text.ts';
import { tableText } from './table-text.ts';

test('a table is aligned by the width of characters, and numbers at their end', () => {
  const items = [
    { id: '9007199254740993', name: '여름 쿠폰', count: 1_000_000, isOpen: true, at: null },
    { id: '7', name: 'Summer', count: 5, isOpen: false, at: '2030-01-01T00:00:00.000Z' },
  ];
  expect(tableText(items, ['id', 'name', 'count', 'isOpen', 'at'])).toBe(
    [
      'ID                NAME           COUNT  IS OPEN  AT',
      '9007199254740993  여름 쿠폰  1,000,000  yes      -',
      '7                 Summer             5  no       2030-01-01T00:00:00.000Z',
      '',
    ].join('\n'),
  );
});

test('a cell is one line of at most 40 places, without control characters', () => {
  const [, row = ''] = tableText([{ name: `${'쿠'.repeat(30)}\n\u001b[31m` }], ['name']).split('\n');
  expect(stringWidth(row)).toBeLessThanOrEqual(40);
  expect(row.endsWith('쿠…')).toBe(true);
  expect(tableText([{ name: 'a\n\u001b[31mb' }], ['name'])).toBe('NAME\na [31mb\n');
});

test('a table without items says so', () => {
  expect(tableText([], ['name'])).toBe('There are none.\n');
});

test('a record has a line for each member, and a table for each list of objects, without columns that have no value', () => {
  const record = { orderId: '7', total: 3_000, items: [{ line: 1, storeId: null, productName: '커피' }] };
  expect(recordText(record)).toBe(
    ['ORDER ID  7', 'TOTAL     3,000', '', 'ITEMS', 'LINE  PRODUCT NAME', '   1  커피', ''].join('\n'),
  );
});
