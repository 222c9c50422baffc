import type { NoticeFact } from '../../domain/notice-fact.ts';

/** The values of a field: one where all facts have the same. */
type Column = string | readonly string[];
type Columns = Readonly<Record<string, Column>>;

/** Facts that follow each other and have the same fields. In a rush they are of one policy, and differ in the user and the coupon alone. */
interface PackedRun {
  readonly count: number;
  readonly fields: Columns;
  readonly data?: Columns;
}

/** Facts as a row of the intake has them, in their order. */
export type PackedFacts = readonly (NoticeFact | PackedRun)[];

type Texts = Readonly<Record<string, string>>;
type LooseFact = Texts & { readonly data?: Texts };

/** Makes facts small: a quarter of their JSON in a rush, which PostgreSQL would have to check, compress, log and store. */
export function packFacts(facts: readonly NoticeFact[]): PackedFacts {
  const packed: (NoticeFact | PackedRun)[] = [];
  for (let start = 0, end = 0; start < facts.length; start = end) {
    const first = facts[start] as NoticeFact;
    for (end = start + 1; end < facts.length && haveSameFields(first, facts[end] as NoticeFact); ) end += 1;
    packed.push(end - start === 1 ? first : packRun(facts.slice(start, end) as unknown as readonly LooseFact[]));
  }
  return packed;
}

export const unpackFacts = (packed: PackedFacts): readonly NoticeFact[] =>
  packed.flatMap((part) => ('count' in part ? unpackRun(part) : [part]));

function haveSameFields(one: NoticeFact, other: NoticeFact): boolean {
  return hasFieldsOf(one, other) && hasFieldsOf(dataOf(one), dataOf(other));
}

function hasFieldsOf(one: object, other: object): boolean {
  let more = 0;
  for (const key in one) {
    if (!(key in other)) return false;
    more += 1;
  }
  for (const _ in other) more -= 1;
  return more === 0;
}

const NO_DATA = {};
const dataOf = (fact: NoticeFact): object => ('data' in fact ? fact.data : NO_DATA);

function packRun(facts: readonly LooseFact[]): PackedRun {
  const { data, ...fields } = facts[0] as LooseFact;
  const count = facts.length;
  const ownFields = columnsOf(Object.keys(fields), facts);
  if (data === undefined) return { count, fields: ownFields };
  const datas = facts.map((fact) => fact.data as Texts);
  return { count, fields: ownFields, data: columnsOf(Object.keys(data), datas) };
}

function columnsOf(names: readonly string[], rows: readonly Texts[]): Columns {
  return Object.fromEntries(
    names.map((name) => {
      const values = rows.map((row) => row[name] as string);
      return [name, values.every((value) => value === values[0]) ? (values[0] as string) : values];
    }),
  );
}

function unpackRun({ count, fields, data }: PackedRun): readonly NoticeFact[] {
  const rows = rowsOf(fields, count);
  const datas = data === undefined ? undefined : rowsOf(data, count);
  const facts = datas === undefined ? rows : rows.map((row, place) => ({ ...row, data: datas[place] }));
  return facts as unknown as readonly NoticeFact[];
}

function rowsOf(columns: Columns, count: number): readonly Texts[] {
  const entries = Object.entries(columns);
  return Array.from({ length: count }, (_, place) =>
    Object.fromEntries(
      entries.map(([name, column]) => [name, typeof column === 'string' ? column : (column[place] as string)]),
    ),
  );
}
