// biome-ignore lint/suspicious/noExplicitAny: JSON Schemas of an OpenAPI document, looked at from every side
type Json = any;

const TEXTS: readonly string[] = [
  '',
  ' ',
  '\ud800',
  'a\udc00b',
  'a\0b',
  'a\u0007b',
  'two\nlines',
  'line\u2028separator',
  'over\u202eride',
  'iso\u2067late',
  '\u200b\u2060\ufeff',
  '\u3164\u115f\uffa0',
  '\u{e0041}\u{e0042}',
  'zero\u200bwidth',
  '쿠폰'.normalize('NFD'),
  '\u0958\u{1d160}',
  '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '__proto__',
  "'; drop table x; --",
  'x'.repeat(100_000),
];

const NUMBERS: readonly unknown[] = [
  -1,
  0,
  1,
  1.5,
  1e-7,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e21,
  '1',
  null,
];

const IDS: readonly unknown[] = [
  '0',
  '-1',
  '01',
  '1e3',
  '１２',
  '9223372036854775807',
  '9223372036854775808',
  '9'.repeat(40),
];

const INSTANTS: readonly string[] = [
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '1969-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00+14:00',
  '1970-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '9999-12-31T23:59:59-14:00',
  '+010000-01-01T00:00:00Z',
  '-000001-01-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-01-01T23:59:60Z',
  '2026-01-01',
  'infinity',
];

const DAYS: readonly string[] = ['0000-01-01', '1969-12-31', '1970-01-01', '2026-02-30', '9999-12-31', '99999-01-01'];

/** Values that a careless system stores changed, or breaks on, for a field with this schema. */
export function extremesOf(schema: Json): readonly unknown[] {
  const variants = variantsOf(schema);
  return [...new Set(variants.flatMap(extremesOfOne))];
}

/** A list of types stands for a schema for each of them. */
const variantsOf = (schema: Json): readonly Json[] =>
  (schema.anyOf ?? schema.oneOf ?? [schema]).flatMap((variant: Json) =>
    Array.isArray(variant.type) ? variant.type.map((type: string) => ({ ...variant, type })) : [variant],
  );

function extremesOfOne({ type, format, pattern = '' }: Json): readonly unknown[] {
  if (type !== 'null' && format === 'date-time') return [...INSTANTS, ...TEXTS.slice(0, 6)];
  if (type === 'integer' || type === 'number') return NUMBERS;
  if (type === 'boolean' || type === 'null') return ['true', null];
  if (type !== 'string') return [];
  return [...(pattern.includes('-[0-9]{2}-[0-9]{2}') ? DAYS : []), ...TEXTS, ...IDS];
}

export type Path = readonly (string | number)[];

/** The fields of a body that hold one value, with their schemas; of a list its first item. */
export function fieldsOf(schema: Json, at: Path = []): readonly { readonly at: Path; readonly schema: Json }[] {
  const objects = variantsOf(schema).filter((variant: Json) => variant.type === 'object' || variant.type === 'array');
  if (objects.length === 0) return [{ at, schema }];
  return objects.flatMap((variant) =>
    variant.type === 'array'
      ? fieldsOf(variant.items, [...at, 0])
      : Object.entries<Json>(variant.properties ?? {}).flatMap(([name, inner]) => fieldsOf(inner, [...at, name])),
  );
}

/** A copy of a body with another value at a path. */
export function withValue(body: Json, [step, ...rest]: Path, value: unknown): Json {
  if (step === undefined) return value;
  const copy = typeof step === 'number' ? [...(Array.isArray(body) ? body : [])] : { ...body };
  copy[step] = withValue(copy[step], rest, value);
  return copy;
}

/** Whether a response shows the value that was sent: texts in NFC, instants at their moment, ids as text. */
export function isShown(sent: unknown, shown: unknown): boolean {
  if (typeof sent !== 'string') return String(sent) === String(shown) || (sent === null && shown === undefined);
  if (String(shown) === sent.normalize('NFC')) return true;
  const moment = Date.parse(sent);
  return !Number.isNaN(moment) && moment === Date.parse(String(shown));
}
