// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, looked at from every side
type Json = any;

/** The OpenAPI document of a server with each reference replaced by what it names, so that a test reads an operation in one place. */
export async function resolvedDocument(on: {
  call(method: string, path: string): Promise<{ readonly body: Json }>;
}): Promise<Json> {
  const { body } = await on.call('GET', '/api/openapi.json');
  return resolve(body, body);
}

/** Members beside a reference override those of its target. The document has no schema that contains itself. */
export function resolve(value: Json, document: Json): Json {
  if (Array.isArray(value)) return value.map((each) => resolve(each, document));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...rest } = value;
  if (typeof $ref === 'string') return { ...resolve(targetOf($ref, document), document), ...resolve(rest, document) };
  return withBases(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolve(inner, document)])));
}

/** An object that extends others by `allOf`, with the fields of all. */
function withBases(schema: Json): Json {
  const { allOf, ...own } = schema;
  if (!Array.isArray(allOf) || own.properties === undefined) return schema;
  const parts = [...allOf, own];
  return {
    ...own,
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required }) => required ?? []),
  };
}

function targetOf(reference: string, document: Json): Json {
  const target = reference
    .replace(/^#\//, '')
    .split('/')
    .reduce((part, name) => part?.[name], document);
  if (target === undefined) throw new Error(`${reference} names nothing in the OpenAPI document`);
  return target;
}
