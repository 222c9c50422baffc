import type { PgColumn } from 'drizzle-orm/pg-core';
import { arrayLiteral } from './array-literal.ts';

/** How values of a column's type are written as parameters: as an array with one element for each row, or as one value. */
export interface BulkType {
  /** The type in casts. */
  readonly sql: string;
  many<Row>(rows: readonly Row[], of: (row: Row) => unknown): unknown;
  one(data: unknown): unknown;
}

type Plain = bigint | number | string | boolean | null;
/** Of types whose values need no escape, and of words from a fixed list. */
const literal = <Row>(rows: readonly Row[], of: (row: Row) => unknown): string =>
  arrayLiteral(rows, of as (row: Row) => Plain);

/** The driver reads infinity as a number. */
type Instant = Date | number | null;
const instantText = (at: Instant): string | null =>
  at instanceof Date ? at.toISOString() : at === null ? null : 'infinity';

/** Rows of a batch share most instants, so each is formatted once. */
function instants<Row>(rows: readonly Row[], of: (row: Row) => unknown): string {
  const texts = new Map<number, string | null>();
  return arrayLiteral(rows, (row) => {
    const at = of(row) as Instant;
    if (at === null) return null;
    const ms = Number(at);
    let text = texts.get(ms);
    if (text === undefined) {
      text = instantText(at);
      texts.set(ms, text);
    }
    return text;
  });
}

const json = (data: unknown): string | null => (data === null ? null : JSON.stringify(data));
/** The driver quotes and escapes. */
const quoted = <Row>(rows: readonly Row[], of: (row: Row) => unknown): unknown[] => rows.map(of);
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
  PgTimestamp: { sql: 'timestamptz', many: instants, one: (at) => instantText(at as Instant) },
  PgText: { sql: 'text', many: quoted, one: same },
  PgJsonb: { sql: 'jsonb', many: (rows, of) => rows.map((row) => json(of(row))), one: json },
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
