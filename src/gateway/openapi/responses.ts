import type { Route } from '../server/route.ts';
import { type Components, type Json, pascalCase } from './components.ts';
import { type HeaderName, headersOf } from './headers.ts';
import { schemaOf } from './schema-of.ts';

/** The successes of an operation by status. */
export function successesOf(components: Components, route: Route): Readonly<Record<string, Json>> {
  return { [route.status]: successOf(components, route), ...otherSuccessOf(components, route) };
}

function successOf(components: Components, route: Route): Json {
  const names: HeaderName[] = [
    ...(route.idempotent ? (['IdempotentReplayed'] as const) : []),
    ...(route.location ? (['Location'] as const) : []),
  ];
  const headers = headersOf(components, names);
  if (route.response === undefined)
    return components.add('responses', ['Done', ...names].join(''), {
      description: 'Done; without a body',
      ...headers,
    });
  const { schema, example, type = 'application/json' } = route.response;
  const described = schemaOf(components, schema, `${pascalCase(route.id)}Response`);
  return {
    description: descriptionOf(route, type, described),
    ...headers,
    content: { [type]: mediaOf(components, described, example) },
  };
}

/** The example of a schema is stated with it, once. */
const mediaOf = (components: Components, schema: Json, example: unknown): Json =>
  components.addExample(schema, example) ? { schema } : { schema, example };

function otherSuccessOf(components: Components, { id, otherResponse }: Route): Readonly<Record<string, Json>> {
  if (otherResponse === undefined) return {};
  const { status, description, schema, example, isReplayed } = otherResponse;
  const described = schemaOf(components, schema, `${pascalCase(id)}OtherResponse`);
  const headers = headersOf(components, isReplayed ? ['IdempotentReplayed'] : []);
  return {
    [status]: { description, ...headers, content: { 'application/json': mediaOf(components, described, example) } },
  };
}

const KINDS_OF_TEXT: Readonly<Record<string, string>> = {
  'text/csv': 'A file of comma-separated values in UTF-8',
  'text/event-stream': 'A stream of server-sent events',
  'text/html': 'A page for people',
  'text/plain': 'Text',
};

/** `CouponPolicyList` is described as "A page of coupon policies", `CouponPolicy` as "The coupon policy". */
function descriptionOf(route: Route, type: string, schema: Json): string {
  const name = String(schema['$ref'] ?? '')
    .split('/')
    .at(-1);
  if (!name) return KINDS_OF_TEXT[type] ?? route.summary;
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const noun = words.replace(/ list$/, '');
  if (noun !== words) return `A page of the list: ${noun}`;
  return route.status === 201 ? `The ${noun}, created` : `The ${noun}`;
}
