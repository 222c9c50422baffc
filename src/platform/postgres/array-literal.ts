/**
 * Arrays as PostgreSQL reads them, joined by hand: the driver's way of writing arrays quotes and escapes each element, which
 * shows in groups of hundreds. Only for what can never need that: numbers, instants and words of our own, no text of others.
 */
export const arrayLiteral = (values: Iterable<bigint | number | string | boolean | null>): string => {
  const texts: unknown[] = [];
  for (const value of values) texts.push(value ?? 'null');
  return `{${texts.join(',')}}`;
};

/** A column of rows. */
export const numbers = <Row>(rows: readonly Row[], of: (row: Row) => bigint | number | null): string =>
  arrayLiteral(rows.map(of));

/** A column of rows: instants, and words of our own. */
export const words = <Row>(rows: readonly Row[], of: (row: Row) => string | boolean | null): string =>
  arrayLiteral(rows.map(of));
