import manifest from '../../package.json' with { type: 'json' };
import { REFUSALS } from '../../src/app/refusals.ts';
import { type OpenApiDocument, openApiDocument } from '../../src/gateway/openapi/openapi.ts';
import { allRoutes, type RouteDeps } from '../../src/gateway/routes/routes.ts';
import type { Route } from '../../src/gateway/server/route.ts';

/** Stands for any part of a server: the definitions of routes are read here, and none of them handles a request. */
const nothing: unknown = new Proxy(() => nothing, { get: () => nothing, apply: () => nothing });

/** The definitions of all routes. Those of the sandbox are on some servers only, and left out. */
export function routesWithoutServer(): readonly Route[] {
  const parts = new Proxy({}, { get: (_, name) => (name === 'sandbox' ? undefined : nothing) });
  return allRoutes(parts as RouteDeps);
}

/** The document as a server serves it, built without one. */
export const documentOfRoutes = ({ withoutAliases = false } = {}): OpenApiDocument =>
  openApiDocument(routesWithoutServer(), REFUSALS, { version: manifest.version, withoutAliases });
