import type { z } from 'zod';
import { IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_MAX } from '../../platform/kernel/idempotency-key.ts';
import type { HeaderSpec, Route } from '../server/route.ts';
import { PageFields } from '../server/schemas.ts';
import { userFieldsOf } from '../server/user-fields.ts';
import { type Components, type Json, pascalCase, type Reference } from './components.ts';
import { exampleOf, schemaOf } from './schema-of.ts';

/** The parameters of an operation. Those of many operations are components. */
export function parametersOf(components: Components, route: Route): readonly Json[] {
  const headers = route.plain ? route.credential?.headers : route.hot ? undefined : route.headers;
  return [
    ...fieldsOf(components, route.params, 'path'),
    ...fieldsOf(components, route.query, 'query'),
    ...(headers ?? []).map(headerOf),
    ...(isForCustomers(route) ? [components.add('parameters', 'ActingUser', ACTING_USER)] : []),
    ...(route.idempotent ? [idempotencyKeyOf(components, route.idempotent === 'required')] : []),
  ];
}

/** A parameter for each field of a schema. */
function fieldsOf(components: Components, schema: z.ZodType | undefined, place: 'path' | 'query'): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(components, schema) as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, examples: _, ...content }]) => {
    const example = exampleOf(schema, name);
    const parameter = {
      name,
      in: place,
      ...(required.includes(name) ? { required: true } : {}),
      ...(description === undefined ? {} : { description }),
      schema: content,
      ...(example === undefined ? {} : { example }),
    };
    const shared = place === 'path' ? pathName(schema, name) : sharedName(schema, name);
    return shared === undefined ? parameter : components.add('parameters', shared, parameter);
  });
}

/** The component of a parameter of a path. `id` is that of a user, or of what the path names. */
const pathName = (schema: z.ZodType, field: string): string =>
  pascalCase(field === 'id' && userFieldsOf(schema).single.includes(field) ? 'user' : field);

/** The component of a parameter of every list. */
function sharedName(schema: z.ZodType, field: string): string | undefined {
  const { shape } = schema.def as { readonly shape?: Readonly<Record<string, z.ZodType>> };
  if (field === 'limit' && shape?.[field] === PageFields.limit) return 'PageLimit';
  if (field === 'cursor' && shape?.[field] === PageFields.cursor) return 'PageCursor';
  return undefined;
}

const headerOf = ({ name, isOptional = false, description, example }: HeaderSpec): Json => ({
  name,
  in: 'header',
  ...(isOptional ? {} : { required: true }),
  description,
  schema: { type: 'string' },
  example,
});

/** Whether a machine may act here for the customer of X-User-Id. */
const isForCustomers = (route: Route): boolean =>
  !route.plain && route.access === 'ANY_TOKEN' && route.scope !== 'NEVER';

const ACTING_USER = {
  name: 'X-User-Id',
  in: 'header',
  description:
    'With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and ' +
    'its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.',
  schema: { type: 'string' },
  example: '7330011234567890',
};

const idempotencyKeyOf = (components: Components, required: boolean): Reference =>
  components.add('parameters', required ? 'RequiredIdempotencyKey' : 'IdempotencyKey', {
    name: 'Idempotency-Key',
    in: 'header',
    ...(required ? { required } : {}),
    description:
      'Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed ' +
      'a repeat gets 409 with Retry-After.',
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY.source, minLength: 1, maxLength: IDEMPOTENCY_KEY_MAX },
    example: '7f3c2a4e-1',
  });
