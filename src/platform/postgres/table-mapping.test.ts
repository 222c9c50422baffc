import { getTableColumns } from 'drizzle-orm';
import {
  bigint,
  boolean,
  date,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';
import { jsonTuples } from './json-tuples.ts';
import { computed, group, millis, millisOrNever, optional, shared } from './mapped-fields.ts';
import { modelColumns, type RowOf, tableMapping } from './table-mapping.ts';

const schema = pgSchema('shop');
const items = schema.table(
  'items',
  {
    shopId: bigint('shop_id', { mode: 'bigint' }).notNull(),
    place: smallint('place').notNull(),
    label: text('label'),
    state: text('state', { enum: ['ON_SALE', 'SOLD'] }).notNull(),
    soldAt: timestamp('sold_at', { withTimezone: true, precision: 3 }),
    buyer: jsonb('buyer').$type<{ readonly name: string }>(),
    stock: integer('stock').notNull(),
    isEmpty: boolean('is_empty').notNull().default(false),
    resumeAt: timestamp('resume_at', { withTimezone: true, precision: 3 }),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.shopId, table.place] })],
);
const others = schema.table('others', {
  id: bigint('id', { mode: 'bigint' }).primaryKey(),
  day: date('day').notNull(),
  lease: uuid('lease'),
});

type Sale = { readonly kind: 'open' } | { readonly kind: 'sold'; readonly atMs: number; readonly buyer: string };
interface Item {
  readonly shopId: bigint;
  readonly place: number;
  readonly label: string | undefined;
  readonly sale: Sale;
  readonly stock: number;
  readonly resumeAtMs: number;
  readonly createdAtMs: number;
}

const ITEM = tableMapping(items, {
  shopId: items.shopId,
  place: items.place,
  label: optional(items.label),
  sale: group(
    { state: items.state, atMs: millis(items.soldAt), buyer: items.buyer },
    ({ state, atMs, buyer }): Sale =>
      state === 'SOLD' && atMs !== null ? { kind: 'sold', atMs, buyer: buyer?.name ?? '' } : { kind: 'open' },
    (sale) =>
      sale.kind === 'sold'
        ? { state: 'SOLD' as const, atMs: sale.atMs, buyer: { name: sale.buyer } }
        : { state: 'ON_SALE' as const, atMs: null, buyer: null },
  ),
  stock: items.stock,
  isEmpty: computed(items.isEmpty, (row) => `${row}stock = 0`),
  createdAtMs: shared(millis(items.createdAt)),
  resumeAtMs: millisOrNever(items.resumeAt),
});

const NOON = Date.UTC(2026, 0, 1, 12);
const open: Item = {
  shopId: 2n ** 62n,
  place: 1,
  label: 'a, "b" {c}',
  sale: { kind: 'open' },
  stock: 0,
  resumeAtMs: Number.POSITIVE_INFINITY,
  createdAtMs: NOON,
};
const sold: Item = {
  ...open,
  place: 2,
  label: undefined,
  sale: { kind: 'sold', atMs: NOON + 1, buyer: '"x"' },
  stock: 3,
  resumeAtMs: NOON,
};

describe('tableMapping', () => {
  it('tableMapping lists the columns of a select in the order of the mapping, without computed ones', () => {
    const listed = 'shop_id, place, label, state, sold_at, buyer, stock, created_at, resume_at';
    expect(ITEM.columns()).toBe(listed);
    expect(ITEM.columns('i')).toBe(listed.replace(/\w+/g, 'i.$&'));
  });

  it('tableMapping numbers arrays and shared values in one sequence, in the order of the mapping', () => {
    const arrays =
      '$1::bigint[], $2::int[], $3::text[], $4::text[], $5::timestamptz[], $6::jsonb[], $7::int[], $9::timestamptz[]';
    expect(ITEM.arrays()).toBe(arrays);
    expect(ITEM.shared()).toBe('$8::timestamptz');
    expect(ITEM.parameters).toBe(9);
    expect(ITEM.arrays(11)).toBe(arrays.replace(/\$(\d)/g, (_, digit) => `$${Number(digit) + 10}`));
    expect(ITEM.shared(11)).toBe('$18::timestamptz');
  });

  it('tableMapping names the columns of the arrays in the order of the arrays', () => {
    expect(ITEM.names).toBe('shop_id, place, label, state, sold_at, buyer, stock, resume_at');
  });

  it('tableMapping inserts all columns, each with its array, its shared parameter or its expression', () => {
    expect(ITEM.insertColumns).toBe(
      'shop_id, place, label, state, sold_at, buyer, stock, is_empty, created_at, resume_at',
    );
    expect(ITEM.insertValues()).toBe(
      'shop_id, place, label, state, sold_at, buyer, stock, stock = 0, $8::timestamptz, resume_at',
    );
    expect(ITEM.insertValues('new.', 3)).toBe(
      'new.shop_id, new.place, new.label, new.state, new.sold_at, new.buyer, new.stock, new.stock = 0, $10::timestamptz, new.resume_at',
    );
  });

  it('tableMapping assigns all columns that are not in the primary key', () => {
    const change = tableMapping(items, {
      shopId: items.shopId,
      place: items.place,
      stock: items.stock,
      isEmpty: computed(items.isEmpty, (row) => `${row}stock = 0`),
    });
    expect(change.assignments()).toBe('stock = new.stock, is_empty = new.stock = 0');
    expect(change.assignments('excluded.')).toBe('stock = excluded.stock, is_empty = excluded.stock = 0');
    expect(tableMapping(others, getTableColumns(others)).assignments()).toBe('day = new.day, lease = new.lease');
  });

  it('tableMapping assigns and compares shared columns with their parameters, and finds the nulls of a column that may be null', () => {
    const change = tableMapping(items, { stock: shared(items.stock), label: shared(optional(items.label)) });
    expect(change.assignments('', 5)).toBe('stock = $5::int, label = $6::text');
    expect(change.conditions(5)).toBe('stock = $5::int and label is not distinct from $6::text');
    expect(change.values([], { stock: 3, label: undefined })).toEqual([3, null]);
  });

  it('tableMapping returns one parameter for each number, in the order of the numbers', () => {
    expect(ITEM.values([open, sold], { createdAtMs: NOON })).toEqual([
      `{${2n ** 62n},${2n ** 62n}}`,
      '{1,2}',
      ['a, "b" {c}', null],
      '{ON_SALE,SOLD}',
      '{null,2026-01-01T12:00:00.001Z}',
      [null, '{"name":"\\"x\\""}'],
      '{0,3}',
      '2026-01-01T12:00:00.000Z',
      '{null,2026-01-01T12:00:00.000Z}',
    ]);
  });

  it('tableMapping converts a group once for each row', () => {
    let calls = 0;
    const counted = tableMapping(items, {
      sale: group(
        { stock: items.stock, label: items.label },
        (flat) => flat,
        (sale) => {
          calls += 1;
          return sale;
        },
      ),
    });
    counted.values([{ sale: { stock: 1, label: '' } }, { sale: { stock: 2, label: '' } }]);
    expect(calls).toBe(2);
  });

  it('tableMapping reads a row by the names of its columns and a model by the names of the schema', () => {
    const row: RowOf<typeof ITEM> = {
      shop_id: 2n ** 62n,
      place: 2,
      label: null,
      state: 'SOLD',
      sold_at: new Date(NOON + 1),
      buyer: { name: '"x"' },
      stock: 3,
      created_at: new Date(NOON),
      resume_at: new Date(NOON),
    };
    const item: Item = ITEM.read(row);
    expect(item).toEqual(sold);
    expect(ITEM.read(row, { lines: [] })).toEqual({ ...sold, lines: [] });
    const model = ITEM.toModel(sold);
    expect(model).toEqual({
      shopId: 2n ** 62n,
      place: 2,
      label: null,
      state: 'SOLD',
      soldAt: new Date(NOON + 1),
      buyer: { name: '"x"' },
      stock: 3,
      createdAt: new Date(NOON),
      resumeAt: new Date(NOON),
    });
    expect(ITEM.fromModel(model as typeof items.$inferSelect)).toEqual(sold);
  });

  it('tableMapping refuses to insert without a column that has no default', () => {
    const partial = tableMapping(items, { shopId: items.shopId, place: items.place, state: items.state });
    expect(partial.names).toBe('shop_id, place, state');
    expect(() => partial.insertColumns).toThrow('the mapping of shop.items lacks stock');
    expect(() => partial.toModel({ shopId: 1n, place: 1, state: 'SOLD' })).toThrow('lacks stock');
  });

  it('tableMapping refuses a column of another table', () => {
    expect(() => tableMapping(items, { id: others.id })).toThrow('the mapping of shop.items has id of another table');
  });

  it('tableMapping refuses a column that is mapped twice', () => {
    expect(() => tableMapping(items, { a: items.stock, b: optional(items.stock) })).toThrow('has stock twice');
  });

  it('tableMapping refuses words that an array literal would have to escape', () => {
    const odd = schema.table('odd', {
      state: text('state', { enum: ['a,b'] }),
      none: text('none', { enum: ['NULL'] }),
    });
    expect(() => tableMapping(odd, { state: odd.state }).arrays()).toThrow('would have to be escaped: a,b');
    expect(() => tableMapping(odd, { none: odd.none }).arrays()).toThrow('would have to be escaped: NULL');
  });

  it('tableMapping refuses to write a type in bulk that it does not know', () => {
    expect(() => tableMapping(others, { lease: others.lease }).arrays()).toThrow(
      'the column lease cannot be written in bulk: PgUUID',
    );
  });

  it('tableMapping writes an instant that is infinity', () => {
    const never = schema.table('never', { at: timestamp('at', { withTimezone: true }).$type<Date | number>() });
    const mapping = tableMapping(never, getTableColumns(never));
    const at = [Number.POSITIVE_INFINITY, new Date(NOON), null].map((each) => ({ at: each }));
    expect(mapping.values(at)).toEqual(['{infinity,2026-01-01T12:00:00.000Z,null}']);
  });
});

describe('modelColumns', () => {
  it('modelColumns selects all columns under their names in the schema', () => {
    expect(modelColumns(others, 'o')).toBe('o.id as "id", o.day as "day", o.lease as "lease"');
  });
});

describe('jsonTuples', () => {
  const { shopId, place, label } = getTableColumns(items);
  const tuples = jsonTuples({ place, shopId, label });

  it('jsonTuples builds arrays in the order of the columns, with 64-bit numbers as text', () => {
    expect(tuples.build('l')).toBe('json_build_array(l.place, l.shop_id::text, l.label)');
  });

  it('jsonTuples reads an array in the order of the columns', () => {
    expect(tuples.read([1, String(2n ** 62n), null])).toEqual({ place: 1, shopId: 2n ** 62n, label: null });
  });

  it('jsonTuples refuses a type that JSON does not have', () => {
    expect(() => jsonTuples({ at: items.createdAt })).toThrow('the column created_at has no form in JSON: PgTimestamp');
  });
});
