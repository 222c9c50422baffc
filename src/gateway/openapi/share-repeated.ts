import { type Components, type Json, type Kind, pascalCase } from './components.ts';

/** The operations of a document, by path and method. */
export type Paths = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** A part of an operation that may be a component instead, with its place as the last resort of a name. */
interface Part {
  readonly kind: Kind;
  readonly place: string;
  readonly content: Json;
}

/**
 * Returns the paths with references in the place of responses, bodies and parameters that more than one operation has: many operations return the same
 * object, and aliases have everything of their operation.
 */
export function shareRepeated(components: Components, paths: Paths): Paths {
  const counts = new Map<string, number>();
  mapParts(paths, ({ content }) => {
    const key = JSON.stringify(content);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return content;
  });
  return mapParts(paths, (part) => {
    const isShared = part.content['$ref'] === undefined && (counts.get(JSON.stringify(part.content)) ?? 0) > 1;
    return isShared ? components.shareFreely(part.kind, [nameOf(part), part.place], part.content) : part.content;
  });
}

function mapParts(paths: Paths, change: (part: Part) => Json): Paths {
  return mapValues(paths, (item) =>
    mapValues(item, (operation) => ({ ...operation, ...changedParts(operation, change) })),
  );
}

function changedParts(operation: Json, change: (part: Part) => Json): Json {
  const { requestBody, parameters, responses } = operation as {
    readonly requestBody?: Json;
    readonly parameters: readonly Json[];
    readonly responses: Readonly<Record<string, Json>>;
  };
  const place = pascalCase(String(operation['operationId']));
  return {
    ...(requestBody && { requestBody: change({ kind: 'requestBodies', place, content: requestBody }) }),
    parameters: parameters.map((content) =>
      change({ kind: 'parameters', place: `${place}${pascalCase(String(content['name']))}`, content }),
    ),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, content]) => [
        status,
        change({ kind: 'responses', place: `${place}${status}`, content }),
      ]),
    ),
  };
}

/** The schema of a body or response names it, and the name of a parameter. */
function nameOf({ kind, content, place }: Part): string {
  if (kind === 'parameters') return pascalCase(String(content['name']));
  const media = Object.values((content['content'] ?? {}) as Readonly<Record<string, { readonly schema: Json }>>);
  const schema = String(media[0]?.schema['$ref'] ?? '').match(/[^/]+$/)?.[0];
  return schema ?? place;
}

const mapValues = <In, Out>(values: Readonly<Record<string, In>>, change: (value: In) => Out): Record<string, Out> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
