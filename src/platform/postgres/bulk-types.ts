import type { PgColumn } from 'drizzle-orm/pg-core';
import { arrayLiteral } from './array-literal.ts';

type Write = (value: unknown) => unknown;

/** How values of a column's type are written as parameters: as an array with one element for each row, or as one value. */
export interface BulkType {
  /** The type in casts. */
  readonly sql: string;
  /** `of` returns the value of a row, `write` converts it to the column's data. */
  many<Row>(rows: readonly Row[], of: (row: Row) => unknown, write?: Write): unknown;
  one(data: unknown): unknown;
}

type Element = bigint | number | string | boolean | null;
/** Of types whose values need no escape, and of words from a fixed list. */
const literal: BulkType['many'] = <Row>(rows: readonly Row[], of: (row: Row) => unknown, write?: Write) =>
  arrayLiteral(rows, (write ? (row) => write(of(row)) : of) as (row: Row) => Element);

/** The driver reads infinity as a number. */
const instantText = (at: unknown): string | null =>
  at instanceof Date ? at.toISOString() : at === null ? null : 'infinity';

/** Rows of a batch share most instants, so each is formatted once. */
const instants: BulkType['many'] = (rows, of, write) => {
  const texts = new Map<unknown, string | null>();
  let [last, text]: [unknown, string | null | undefined] = [undefined, undefined];
  return arrayLiteral(rows, (row) => {
    const value = of(row);
    if (value === last && text !== undefined) return text;
    last = value;
    text = texts.get(value);
    if (text === undefined) {
      text = instantText(write ? write(value) : value);
      texts.set(value, text);
    }
    return text;
  });
};

const json = (data: unknown): string | null => (data === null ? null : JSON.stringify(data));
/** The driver quotes and escapes. */
const quoted: BulkType['many'] = (rows, of, write) => rows.map(write ? (row) => write(of(row)) : of);
const same = (data: unknown): unknown => data;

const unescaped = (sql: string): BulkType => ({ sql, many: literal, one: same });

/** By Drizzle's name of the column's class. */
const TYPES: Readonly<Record<string, BulkType>> = {
  PgBigInt64: { sql: 'bigint', many: literal, one: String },
  PgInteger: unescaped('int'),
  // An assignment casts it, and an overflow is an error.
  PgSmallInt: unescaped('int'),
  PgBoolean: unescaped('boolean'),
  PgDateString: unescaped('date'),
  PgTimestamp: { sql: 'timestamptz', many: instants, one: instantText },
  PgText: { sql: 'text', many: quoted, one: same },
  PgJsonb: {
    sql: 'jsonb',
    many: (rows, of, write) => rows.map((row) => json(write ? write(of(row)) : of(row))),
    one: json,
  },
};

const WORD = unescaped('text');

/** Throws for a type without a bulk form. */
export function bulkTypeOf({ columnType, name, enumValues }: PgColumn): BulkType {
  const type = TYPES[columnType];
  if (!type) throw new Error(`the column ${name} cannot be written in bulk: ${columnType}`);
  if (!enumValues?.length) return type;
  const odd = enumValues.find((value) => !/^[A-Z][A-Z_]*$/.test(value) || value === 'NULL');
  if (odd !== undefined) throw new Error(`a word of the column ${name} would have to be escaped: ${odd}`);
  return WORD;
}
