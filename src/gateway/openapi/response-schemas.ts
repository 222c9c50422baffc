import type { Json } from './components.ts';

type Schemas = Readonly<Record<string, Json>>;
/** The names of objects, each with that of the one that it extends. */
type Extended = Readonly<Record<string, string>>;

/** Objects of responses that are another object with further fields. Stated by `allOf`: a client may use one where the other is expected. */
const EXTENDS: Extended = {
  CouponRecord: 'UserCoupon',
  DailyStatistics: 'DailyCounts',
  ManagedStore: 'Store',
  ManagedUser: 'User',
  NewApiKey: 'ApiKey',
  PopularProduct: 'Product',
  ReservationRecord: 'Reservation',
  UserCoupon: 'Coupon',
  WebhookWithSecret: 'Webhook',
};

/**
 * Returns the schemas as clients should read those of responses. Later versions may add fields to a response, so its objects allow them; a request with an
 * unknown field is refused, so those of requests do not.
 * @param requests the parts of the document that describe requests
 * @param extended which objects extend which
 * @throws Error when an object does not have the fields of the one that it extends, when one of them is not in the document, and when requests use one of them:
 *   what refuses unknown fields refuses those of the other
 */
export function responseSchemas(schemas: Schemas, requests: unknown, extended = EXTENDS): Schemas {
  const ofRequests = namesIn(requests, schemas);
  for (const [name, base] of Object.entries(extended)) {
    for (const each of [name, base]) {
      if (schemas[each] === undefined) throw new Error(`${name} extends ${base}, but the document has no ${each}`);
      if (ofRequests.has(each)) throw new Error(`${name} extends ${base}, but requests use ${each}`);
    }
  }
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      if (ofRequests.has(name)) return [name, schema];
      const { additionalProperties, ...open } = schema;
      return [name, extend(additionalProperties === false ? open : schema, extended[name], schemas)];
    }),
  );
}

const REFERENCE = /"#\/components\/schemas\/([^"]+)"/g;

/** The names of all schemas that a part of the document refers to, also by other schemas. */
function namesIn(part: unknown, schemas: Schemas, found = new Set<string>()): ReadonlySet<string> {
  for (const [, name = ''] of JSON.stringify(part).matchAll(REFERENCE)) {
    if (found.has(name)) continue;
    found.add(name);
    namesIn(schemas[name], schemas, found);
  }
  return found;
}

function extend(schema: Json, baseName: string | undefined, schemas: Schemas): Json {
  const base = schemas[baseName ?? ''];
  if (baseName === undefined || base === undefined) return schema;
  const { type, properties, required, ...rest } = schema;
  return {
    type,
    allOf: [{ $ref: `#/components/schemas/${baseName}` }],
    properties: withoutEqual(fieldsOf(properties), fieldsOf(base['properties']), baseName),
    required: without(required, base['required']),
    ...rest,
  };
}

const fieldsOf = (properties: unknown): Readonly<Record<string, unknown>> => properties as Record<string, unknown>;

function withoutEqual(
  fields: Readonly<Record<string, unknown>>,
  ofBase: Readonly<Record<string, unknown>>,
  baseName: string,
): Readonly<Record<string, unknown>> {
  for (const [name, field] of Object.entries(ofBase)) {
    if (JSON.stringify(fields[name]) !== JSON.stringify(field))
      throw new Error(`${name} differs from that of ${baseName}`);
  }
  return Object.fromEntries(Object.entries(fields).filter(([name]) => ofBase[name] === undefined));
}

const without = (names: unknown, others: unknown): readonly unknown[] =>
  (names as readonly unknown[]).filter((name) => !(others as readonly unknown[]).includes(name));
