import type { Json } from './components.ts';

type Schemas = Readonly<Record<string, Json>>;

/** Objects of responses that are another object with further fields. Stated by `allOf`: a client may use one where the other is expected. */
const EXTENDS: Readonly<Record<string, string>> = {
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
 * @throws Error when an object does not have the fields of the one that it extends
 */
export function responseSchemas(schemas: Schemas, requests: unknown): Schemas {
  const ofRequests = namesIn(requests, schemas);
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      if (ofRequests.has(name)) return [name, schema];
      const { additionalProperties, ...open } = schema;
      const base = EXTENDS[name];
      return [name, extended(additionalProperties === false ? open : schema, base, schemas)];
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

function extended(schema: Json, baseName: string | undefined, schemas: Schemas): Json {
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
