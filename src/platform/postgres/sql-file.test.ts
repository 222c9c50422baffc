import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSql } from './sql-file.ts';

const UNITS_OF_LINES = { path: 'contexts/order/adapters/postgres/audits/units-of-lines.sql' };
const DAILY_SALES = 'contexts/order/adapters/postgres/audits/daily-sales.sql';

test('a statement in a file contains the other file that is named for one of its values', async () => {
  const statement = await readSql({ path: DAILY_SALES, values: { unitsOfLines: UNITS_OF_LINES } });
  expect(statement).toContain(`(${await readSql(UNITS_OF_LINES)} where o.paid_at is not null)`);
});

test('a statement in a file is refused when one of its values is not given', async () => {
  await expect(readSql({ path: DAILY_SALES })).rejects.toThrow(/daily-sales\.sql has a value unitsOfLines/);
});

test('each SQL file outside of the migrations is used by a source beside it or beside its folder', async () => {
  const files = (await readdir('src', { recursive: true })).filter(
    (file) => file.endsWith('.sql') && !file.includes('/migrations/'),
  );
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) {
    const texts: string[] = [];
    for (const folder of [join('src', file, '..'), join('src', file, '../..')]) {
      const sources = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
      texts.push(...(await Promise.all(sources.map((name) => readFile(join(folder, name), 'utf8')))));
    }
    const name = file.slice(file.lastIndexOf('/') + 1);
    expect(
      texts.some((text) => text.includes(name)),
      `${file} is used`,
    ).toBe(true);
  }
});
