import { ProblemError } from '../problems/problem.ts';
import { fromCsvCell } from './csv.ts';

/** The columns of a file that a job reads. */
export interface Columns {
  /** Names of the column with the values, in the form that `nameOf` returns. */
  readonly value: readonly string[];
  /** The file may have a column `status`, as our own export of codes has. */
  readonly hasStatus?: boolean;
}

/** A row of a file, as far as a job reads it. */
export interface Row {
  readonly value: string;
  /** Empty where the file has no such column. */
  readonly status: string;
}

/** The header of errors.csv. Its `code` is the reason, so a corrected file of errors is read by its `line`. */
const ERRORS_HEADER = ['row', 'line', 'code'];

/**
 * Returns a function that is called with the records of a file in their order. It returns undefined for a header and for a blank record.
 * A file of one column needs no header. In any other the header names the column.
 * Thrown: VALIDATION_FAILED when it is not known which column to read.
 */
export function rowReader(columns: Columns): (cells: readonly string[], record: number) => Row | undefined {
  let read: ((cells: readonly string[], record: number) => Row) | undefined;
  return (cells, record) => {
    const filled = cells.findLastIndex((cell) => cell !== '') + 1;
    if (filled === 0) return undefined;
    if (read !== undefined) return read(cells, record);
    const names = cells.slice(0, filled).map(nameOf);
    const place = valuePlace(names, columns);
    if (place === undefined && filled > 1)
      throw refused(record, `has several columns, and none of them is named ${columns.value[0]}`);
    read = filled > 1 ? readNamed(place ?? 0, columns.hasStatus === true ? names.indexOf('status') : -1) : readOnly;
    return place === undefined ? read(cells, record) : undefined;
  };
}

/** Letter case, spaces, dashes and underscores of a name do not count. Names from macOS may be decomposed. */
const nameOf = (cell: string): string =>
  cell
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');

function valuePlace(names: readonly string[], { value }: Columns): number | undefined {
  if (names.join() === ERRORS_HEADER.join()) return names.indexOf('line');
  const places = names.flatMap((name, index) => (value.includes(name) ? [index] : []));
  if (places.length > 1) throw refused(1, `names several columns that could be meant by ${value[0]}`);
  return places[0];
}

const readNamed =
  (value: number, status: number) =>
  (cells: readonly string[]): Row => ({ value: fromCsvCell(cells[value] ?? ''), status: cells[status] ?? '' });

/** A title above a table is not a header: the table's first column is not what is wanted. */
function readOnly(cells: readonly string[], record: number): Row {
  if (cells.slice(1).some((cell) => cell !== ''))
    throw refused(record, 'has several columns, and the first line does not name them');
  return { value: fromCsvCell(cells[0] ?? ''), status: '' };
}

const refused = (record: number, reason: string): ProblemError =>
  new ProblemError('VALIDATION_FAILED', {
    errors: [{ field: '', code: 'UNKNOWN_COLUMN', message: `record ${record} ${reason}` }],
  });
