import { API_KEY_SCOPES } from '../../contexts/identity/api.ts';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import type { Route } from '../server/route.ts';
import { Components, type Json } from './components.ts';
import { ALIAS_OF, operationsOf } from './operation.ts';
import { responseSchemas } from './response-schemas.ts';
import { type Paths, shareRepeated } from './share-repeated.ts';
import { TAGS } from './tags.ts';

const ALIASES = `
Deprecated operations are other paths of the operation that \`${ALIAS_OF}\` names: \`/api/coupons/**\` and \`/api/coupon-policies/**\` are the same
routes as those under \`/api/v1\`.`;

const descriptionOf = (
  withoutAliases: boolean,
): string => `Coupons on a first-come basis with an exact count, points in a double-entry ledger, products and time sales, orders and payments, stores
and their followers, notices (an inbox, a stream, e-mail and web push) and accounts.

Ids are 64-bit and therefore strings. Errors are problem documents (RFC 9457) with a stable \`code\`; title and detail
follow Accept-Language (ko, en). A repeat with the same \`Idempotency-Key\` gets the response of the first request.${withoutAliases ? '' : ALIASES}

Guides: [getting started](/docs/getting-started.md), [concepts](/docs/concepts.md), [error codes](/docs/error-codes.md), [events](/docs/events.md),
[webhooks](/docs/webhooks.md), [clients](/docs/clients.md), [all pages](/llms.txt).`;

const API_KEY_DESCRIPTION =
  'A key of a machine, role SERVICE. It needs the scope that the operation lists, or `admin`. Sent where no credential is required, it needs the ' +
  `scope in \`x-stampede-scope\`. Scopes: ${API_KEY_SCOPES.join(', ')}.`;

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Json;
  readonly servers: readonly Json[];
  readonly tags: readonly Json[];
  readonly paths: Paths;
  readonly components: Json;
}

export interface DocumentOptions {
  readonly version: string;
  /** Where the API is. Undefined: where the document is. */
  readonly serverUrl?: string | undefined;
  /** Leaves deprecated aliases out, as generators of clients want. */
  readonly withoutAliases?: boolean;
}

/** Builds the document from the definitions of the routes. @throws Error for a definition that is not complete, or a name of two contents */
export function openApiDocument(
  routes: readonly Route[],
  refusals: RefusalTable,
  { version, serverUrl = '/', withoutAliases = false }: DocumentOptions,
): OpenApiDocument {
  const components = new Components();
  const paths: Record<string, Record<string, Json>> = {};
  // What is read is the example of a schema, rather than what a change of it returns.
  const shown = withoutAliases ? routes.map((route) => ({ ...route, paths: route.paths.slice(0, 1) })) : routes;
  const inOrder = [...shown.filter(isRead), ...shown.filter((route) => !isRead(route))];
  const places = new Map(inOrder.map((route) => [route, operationsOf(components, route, refusals)]));
  for (const { path, method, operation } of shown.flatMap((route) => places.get(route) ?? [])) {
    paths[path] = { ...paths[path], [method]: operation };
  }
  const sharing = shareRepeated(components, paths);
  const { schemas, ...others } = components.toJson();
  const used = new Set<string>(routes.map(({ tag }) => tag));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Stampede',
      version,
      summary: 'Coupons, points, time sales, orders and stores for rushes of customers',
      description: descriptionOf(withoutAliases),
      contact: { name: 'Stampede' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl, description: 'This server' }],
    tags: Object.entries(TAGS)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => ({ name, description })),
    paths: sharing,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: responseSchemas(schemas, [others.parameters, others.requestBodies, requestsIn(sharing)]),
      ...others,
    },
  };
}

const requestsIn = (paths: Paths): unknown =>
  Object.values(paths).flatMap((item) =>
    Object.values(item).map(({ parameters, requestBody }) => [parameters, requestBody]),
  );

const isRead = ({ method }: Route): boolean => method === 'GET';

const SECURITY_SCHEMES = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'Access token: from a login here, signed by the shop with HS256, or of another issuer of `JWT_ISSUERS`. An operation lists the roles of which one is needed, if not every role may. With role SERVICE the token needs the scope ' +
      'of the operation in its claim `scope`.',
  },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: API_KEY_DESCRIPTION },
  webhookSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'webhook-signature',
    description: 'Standard Webhooks, HMAC-SHA256',
  },
};
