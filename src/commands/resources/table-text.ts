import stringWidth from 'string-width';
import { printable } from '../printable.ts';

const GAP = '  ';
const CELL_MAX = 40;
const NOTHING = '-';

/**
 * Returns a table with a line for each item. Columns are aligned by the width that a terminal gives to their characters: Korean ones take two places.
 * Numbers are aligned at their end.
 */
export function tableText(items: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): string {
  if (items.length === 0) return 'There are none.\n';
  const rows = items.map((item) => columns.map((column) => shortened(cellText(item[column]))));
  const headings = columns.map(heading);
  const widths = headings.map((text, index) =>
    Math.max(...[text, ...rows.map((row) => row[index] ?? '')].map((each) => stringWidth(each))),
  );
  const isNumeric = columns.map((column) => items.some((item) => typeof item[column] === 'number'));
  const line = (cells: readonly string[]): string =>
    `${cells
      .map((cell, index) => padded(cell, widths[index] ?? 0, isNumeric[index] === true))
      .join(GAP)
      .trimEnd()}\n`;
  return [headings, ...rows].map(line).join('');
}

/** A value of the API as text: ids and times as they are, numbers with groups of three digits, lists with commas. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined || value === '') return NOTHING;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return value.toLocaleString('en', { maximumFractionDigits: 4 });
  if (Array.isArray(value)) return value.length === 0 ? NOTHING : value.map(cellText).join(', ');
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** `maxIssueCount` is MAX ISSUE COUNT. */
export const heading = (name: string): string =>
  name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toUpperCase();

const padded = (text: string, width: number, atEnd: boolean): string => {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return atEnd ? space + text : text + space;
};

const segments = new Intl.Segmenter('en');

function shortened(text: string): string {
  if (stringWidth(text) <= CELL_MAX) return text;
  let short = '';
  for (const { segment } of segments.segment(text)) {
    if (stringWidth(short + segment) >= CELL_MAX) break;
    short += segment;
  }
  return `${short}…`;
}
