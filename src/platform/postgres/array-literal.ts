type Element = bigint | number | string | boolean | null;

/**
 * Array literals of PostgreSQL, joined by hand: the driver quotes and escapes each element, which is measurable in batches of hundreds.
 * Only for values that never need escaping: numbers, instants and constants, no user input.
 */
export function arrayLiteral(values: Iterable<Element>): string;
export function arrayLiteral<Row>(rows: Iterable<Row>, of: (row: Row) => Element): string;
export function arrayLiteral(values: Iterable<unknown>, of?: (row: unknown) => Element): string {
  const texts: unknown[] = [];
  for (const value of values) texts.push((of ? of(value) : value) ?? 'null');
  return `{${texts.join(',')}}`;
}

/** A column of rows. */
export const numbers = <Row>(rows: readonly Row[], of: (row: Row) => bigint | number | null): string =>
  arrayLiteral(rows, of);

/** One column of rows: instants or constants. */
export const words = <Row>(rows: readonly Row[], of: (row: Row) => string | boolean | null): string =>
  arrayLiteral(rows, of);
