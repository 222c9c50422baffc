import { z } from 'zod';
import type { Components, Json } from './components.ts';

const INT32_MAX = 2_147_483_647;
const DEFS = '#/$defs/';

/**
 * Describes a zod schema as JSON schema. What `.meta({ id })` names, at any depth, becomes a component of that name, and is referred to. Both
 * requests and responses are described by the input of their schemas: those of responses have no transforms, so that one name has one content.
 *
 * @param name of the component, when the schema is an object without a name of its own
 */
export function schemaOf(components: Components, schema: z.ZodType, name?: string): Json {
  const {
    $schema: _dialect,
    $defs,
    ...own
  } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
  }) as Json & { readonly $defs?: Readonly<Record<string, Json>> };
  for (const [id, content] of Object.entries($defs ?? {})) components.add('schemas', id, tidy(content) as Json);
  const described = tidy(own) as Json;
  // zod may have put the schema itself among its definitions.
  if (described['$ref'] !== undefined) return described;
  const id = z.globalRegistry.get(schema)?.id ?? (isObject(described) ? name : undefined);
  return id === undefined ? described : components.add('schemas', id, described);
}

/** A union, too, is named as a whole. */
const isObject = ({ type, anyOf, oneOf }: Json): boolean =>
  type === 'object' || [anyOf, oneOf].some((options) => Array.isArray(options) && options.every(isObjectOrReference));
const isObjectOrReference = (option: Json): boolean => option['$ref'] !== undefined || isObject(option);

/** Names components where zod names definitions, and says what generators of clients understand. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    if (key === '$ref' && typeof inner === 'string') return [key, inner.replace(DEFS, '#/components/schemas/')];
    // Not all of them know `const`.
    return key === 'const' ? ['enum', [inner]] : [key, key === 'examples' || key === 'default' ? inner : tidy(inner)];
  });
  return withoutTrivialBounds(withNullType({ ...Object.fromEntries(entries), ...typeOf(value as Json) }));
}

/** What zod leaves open of numbers. */
function typeOf(schema: Json): Json {
  const { type, enum: values } = schema;
  if (type === 'number' && Array.isArray(values) && values.every(Number.isInteger)) return { type: 'integer' };
  return formatOf(schema);
}

/** `anyOf` of a plain type and null as a list of types, which generators read as an optional value. */
function withNullType(schema: Json): Json {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2 || anyOf[1]?.type !== 'null') return schema;
  const [{ type, enum: words, ...content }] = anyOf as readonly Json[] as readonly [Json];
  if (typeof type !== 'string' || type === 'object') return schema;
  return { ...rest, type: [type, 'null'], ...(Array.isArray(words) ? { enum: [...words, null] } : {}), ...content };
}

/** Every integer is within these bounds. That an integer of any size is meant is said by its format. */
function withoutTrivialBounds(schema: Json): Json {
  const { minimum, maximum, ...rest } = schema;
  return minimum === Number.MIN_SAFE_INTEGER && maximum === Number.MAX_SAFE_INTEGER ? rest : schema;
}

/** Without a format, generators of typed clients read an integer as one of 32 bits. */
function formatOf({ type, minimum, maximum, format }: Json): { readonly format?: string } {
  const isInteger = type === 'integer' || (Array.isArray(type) && type.includes('integer'));
  if (!isInteger || format !== undefined) return {};
  const isSmall = [minimum ?? 0, maximum ?? Infinity].every((bound) => Math.abs(Number(bound)) <= INT32_MAX);
  return isSmall ? {} : { format: 'int64' };
}

/** The example that the field of an object states by `.meta({ examples })`, also where the schema transforms its input. */
export function exampleOf(schema: z.ZodType, field: string): unknown {
  const shape = shapeOf(schema);
  return shape === undefined ? undefined : statedExample(shape[field]);
}

type Definition = {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
};
const definitionOf = (schema: z.ZodType): Definition => schema.def as Definition;

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  const { shape, innerType, in: input } = definitionOf(schema);
  const inner = innerType ?? input;
  return shape ?? (inner && shapeOf(inner));
}

function statedExample(schema: z.ZodType | undefined): unknown {
  if (schema === undefined) return undefined;
  const { examples } = (z.globalRegistry.get(schema) ?? {}) as { readonly examples?: readonly unknown[] };
  return examples?.[0] ?? statedExample(definitionOf(schema).innerType);
}
