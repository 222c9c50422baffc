import stringWidth from 'string-width';
import { cellText, heading, tableText } from './table-text.ts';

type Members = Readonly<Record<string, unknown>>;

const GAP = '  ';

/** Returns one object as lines of name and value, and each list of objects in it as a table below. */
export function recordText(record: Members): string {
  const entries = Object.entries(record);
  const tables = entries.filter(([, value]) => isTable(value)) as readonly [string, readonly Members[]][];
  const plain = entries.filter(([, value]) => !isTable(value));
  const width = Math.max(0, ...plain.map(([name]) => stringWidth(heading(name))));
  const lines = plain.map(([name, value]) => `${heading(name).padEnd(width)}${GAP}${cellText(value)}\n`);
  return [...lines, ...tables.map(([name, items]) => `\n${heading(name)}\n${tableText(items, columnsOf(items))}`)].join(
    '',
  );
}

const isTable = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'object' && item !== null);

/** Without those that have no value in any item. */
const columnsOf = (items: readonly Members[]): readonly string[] => [
  ...new Set(items.flatMap((item) => Object.keys(item).filter((name) => item[name] !== null))),
];
