import { isSame, type Row, storedValue, type TableKind } from './tables.ts';

// The parts of the product's SQL that decide what a statement does are read from its text, so that a statement without its lock or
// one of its conditions behaves like that here, too.

/** An expression of an assignment or an insert: a parameter, a column of the arrays, or one of another row. */
type Expression =
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'array'; readonly column: string }
  | { readonly kind: 'other'; readonly text: string };

export interface Assignment {
  readonly column: string;
  readonly to: Expression;
}

/** Commas outside of parentheses separate. */
function split(list: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at < list.length; at++) {
    if (list[at] === '(') depth += 1;
    else if (list[at] === ')') depth -= 1;
    else if (list[at] === ',' && depth === 0) {
      parts.push(list.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...parts, list.slice(from).trim()];
}

export function between(text: string, start: string, ...ends: readonly string[]): string {
  const from = text.indexOf(start);
  if (from < 0) throw new Error(`no "${start}" in ${text}`);
  const rest = text.slice(from + start.length);
  const places = ends.map((end) => rest.indexOf(end)).filter((place) => place >= 0);
  return places.length === 0 ? rest : rest.slice(0, Math.min(...places));
}

function expression(text: string): Expression {
  const parameter = /^\$(\d+)(::\w+)?$/.exec(text)?.[1];
  if (parameter !== undefined) return { kind: 'parameter', index: Number(parameter) - 1 };
  const column = /^(?:new\.)?(\w+)$/.exec(text)?.[1];
  return column === undefined ? { kind: 'other', text } : { kind: 'array', column };
}

/** `a = $1::int, b = new.b, "c" = $2` */
export const assignmentsIn = (list: string): readonly Assignment[] =>
  split(list).map((each) => {
    const [column = '', to = ''] = [each.slice(0, each.indexOf(' = ')), each.slice(each.indexOf(' = ') + 3)];
    return { column: column.replaceAll('"', ''), to: expression(to) };
  });

/** `insert into t (a, b) select new.a, $2::int …` */
export function insertIn(text: string): readonly Assignment[] {
  const columns = split(between(text, ' (', ')'));
  const values = split(between(text, 'select ', ' from '));
  return columns.map((column, place) => ({ column, to: expression(values[place] ?? '') }));
}

/** `a = $1::bigint and b is not distinct from $2::text`: of which columns are which parameters. */
export const conditionsIn = (text: string): readonly { readonly column: string; readonly index: number }[] =>
  [...text.matchAll(/(\w+) (?:=|is not distinct from) \$(\d+)::/g)].map(([, column = '', index]) => ({
    column,
    index: Number(index) - 1,
  }));

/** Where the columns of `unnest($1::bigint[], …) new(a, …)` are among the parameters. */
export function arraysIn(text: string): ReadonlyMap<string, number> {
  const parameters = [...between(text, 'unnest(', ') new(').matchAll(/\$(\d+)/g)].map(([, index]) => Number(index) - 1);
  const names = split(between(text, ') new(', ')'));
  return new Map(names.map((name, place) => [name, parameters[place] ?? -1]));
}

/** The elements of an array parameter: a literal of PostgreSQL, or an array that the driver writes as one. */
export function elements(value: unknown): readonly unknown[] {
  if (typeof value !== 'string') return value as readonly unknown[];
  return value === '{}'
    ? []
    : value
        .slice(1, -1)
        .split(',')
        .map((each) => (each === 'null' ? null : each));
}

/** One object for each row of the arrays. */
export function rowsOf(arrays: ReadonlyMap<string, number>, values: readonly unknown[]): readonly Row[] {
  const columns = [...arrays].map(([name, index]) => [name, elements(values[index])] as const);
  const count = columns[0]?.[1].length ?? 0;
  return Array.from({ length: count }, (_, place) =>
    Object.fromEntries(columns.map(([name, column]) => [name, column[place]])),
  );
}

/** The values of assignments. `other` gives those that are neither a parameter nor in the arrays. */
export function assigned(
  kind: TableKind,
  assignments: readonly Assignment[],
  values: readonly unknown[],
  row: Row = {},
  other: (text: string, row: Row) => unknown = unknownExpression,
): Row {
  const result: Record<string, unknown> = {};
  for (const { column, to } of assignments) {
    const value =
      to.kind === 'parameter' ? values[to.index] : to.kind === 'array' ? row[to.column] : other(to.text, row);
    result[column] = to.kind === 'other' ? value : storedValue(kind, column, value);
  }
  return result;
}

function unknownExpression(text: string): never {
  throw new Error(`an expression that the simulation does not know: ${text}`);
}

export const fits = (
  kind: TableKind,
  conditions: ReturnType<typeof conditionsIn>,
  values: readonly unknown[],
  row: Row,
): boolean => conditions.every(({ column, index }) => isSame(row[column], storedValue(kind, column, values[index])));
