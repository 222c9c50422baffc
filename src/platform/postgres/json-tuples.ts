import type { GetColumnData } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** A row of a child table as a JSON array: numbers of 64 bits are text, because JSON numbers would be rounded. */
export type JsonTuple = readonly unknown[];

export interface JsonTuples<Columns extends Readonly<Record<string, PgColumn>>> {
  /** `json_build_array(l.line, l.amount::text)`, for an aggregate in the SELECT of the parent. */
  build(alias: string): string;
  read(tuple: JsonTuple): { readonly [Name in keyof Columns]: GetColumnData<Columns[Name]> };
}

/** Column types that JSON has too. */
const JSON_TYPES: ReadonlySet<string> = new Set(['PgInteger', 'PgSmallInt', 'PgText', 'PgBoolean']);

/** The columns of child rows that are read together with their parent, so that both are of one snapshot. */
export function jsonTuples<Columns extends Readonly<Record<string, PgColumn>>>(columns: Columns): JsonTuples<Columns> {
  const entries = Object.entries(columns).map(([name, { name: column, columnType }]) => {
    const isInt8 = columnType === 'PgBigInt64';
    if (!isInt8 && !JSON_TYPES.has(columnType))
      throw new Error(`the column ${column} has no form in JSON: ${columnType}`);
    return { name, column, isInt8 };
  });
  return {
    build: (alias) =>
      `json_build_array(${entries.map(({ column, isInt8 }) => `${alias}.${column}${isInt8 ? '::text' : ''}`).join(', ')})`,
    read: (tuple) => {
      const row: Record<string, unknown> = {};
      for (const [index, { name, isInt8 }] of entries.entries()) {
        const value = tuple[index];
        row[name] = isInt8 && value !== null ? BigInt(value as string) : value;
      }
      return row as ReturnType<JsonTuples<Columns>['read']>;
    },
  };
}
