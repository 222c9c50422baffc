/**
 * Array literals of PostgreSQL, joined by hand: the driver quotes and escapes each element, which is measurable in batches of hundreds.
 * Only for values that never need escaping: numbers, instants and constants, no user input.
 */
export const arrayLiteral = (values: Iterable<bigint | number | string | boolean | null>): string => {
  const texts: unknown[] = [];
  for (const value of values) texts.push(value ?? 'null');
  return `{${texts.join(',')}}`;
};

/** A column of rows. */
export const numbers = <Row>(rows: readonly Row[], of: (row: Row) => bigint | number | null): string =>
  arrayLiteral(rows.map(of));

/** One column of rows: instants or constants. */
export const words = <Row>(rows: readonly Row[], of: (row: Row) => string | boolean | null): string =>
  arrayLiteral(rows.map(of));
