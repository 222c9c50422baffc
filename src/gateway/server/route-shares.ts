import type { FastifyInstance } from 'fastify';
import { createRouteShare, type RouteShare } from '../../platform/http/route-share.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** At most so many requests of the route are handled at once, apart from all others. For paths without parameters. */
    inFlightMax?: number | undefined;
  }
}

/** The share of a request's route. Undefined: it counts among all others. Takes the raw URL; one with a query has none. */
export type RouteShareOf = (method: string | undefined, url: string | undefined) => RouteShare | undefined;

/** Collects the routes that have a share. Call before the first route is registered. */
export function routeShares(fastify: FastifyInstance): RouteShareOf {
  // By path first: a request of a rush is looked up once.
  const shares = new Map<string | undefined, Map<string | undefined, RouteShare>>();
  fastify.addHook('onRoute', ({ method, url, config }) => {
    if (config?.inFlightMax === undefined) return;
    if (url.includes(':')) throw new Error(`${url}: a route with a share has no parameters`);
    const share = createRouteShare(config.inFlightMax);
    const byMethod = shares.get(url) ?? new Map();
    for (const name of [method].flat()) byMethod.set(name, share);
    shares.set(url, byMethod);
  });
  return (method, url) => shares.get(url)?.get(method);
}
