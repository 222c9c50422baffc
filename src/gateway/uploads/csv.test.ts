import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvLine } from './csv.ts';

it.each([
  [['a', 'b'], 'a,b\r\n'],
  [['', 'say "hi"', 'x,y', 'two\nlines'], ',"say ""hi""","x,y","two\nlines"\r\n'],
  [['=1+1', '+1', '-ABC', '@x', '\tx', '=a,b'], `'=1+1,'+1,'-ABC,'@x,'\tx,"'=a,b"\r\n`],
])('the cell %j is written to CSV as %j', (fields, line) => expect(csvLine(fields)).toBe(line));

it('a CSV cell is read back as it was written, except a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 2 }), (fields) => {
      const [read] = parse(csvLine(fields)) as string[][];
      expect(read).toEqual(fields.map((field) => (/^[=+\-@\t\r]/.test(field) ? `'${field}` : field)));
    }),
  );
});
