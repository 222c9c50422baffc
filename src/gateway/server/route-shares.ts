import type { FastifyInstance, preHandlerHookHandler } from 'fastify';
import type { ShedReason } from '../../platform/http/admission.ts';
import type { Pacer } from '../../platform/http/pacer.ts';
import { createRouteShare, type RouteShare, type RouteShareOf } from '../../platform/http/route-share.ts';
import { ProblemError } from '../problems/problem.ts';
import { countInFlight } from './in-flight.ts';
import { SHED_RETRY_AFTER_SECONDS } from './shedding.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** At most so many requests of the route are handled at once, apart from all others. For paths without parameters. */
    inFlightMax?: number | undefined;
  }
}

export interface RouteSharesDeps {
  readonly onShed: (reason: ShedReason) => void;
  readonly refusalPacer: Pacer;
}

/** Collects the routes that have a share. Call before the first route is registered. */
export function routeShares(fastify: FastifyInstance, deps: RouteSharesDeps): RouteShareOf {
  // By path first: a request of a rush is looked up once.
  const shares = new Map<string, Map<string | undefined, RouteShare>>();
  fastify.addHook('onRoute', (route) => {
    const { method, url, config } = route;
    if (config?.inFlightMax === undefined) return;
    if (url.includes(':')) throw new Error(`${url}: a route with a share has no parameters`);
    const share = createRouteShare(config.inFlightMax);
    const byMethod = shares.get(url) ?? new Map();
    for (const name of [method].flat()) byMethod.set(name, share);
    shares.set(url, byMethod);
    route.preHandler = [takePlace(share, deps), ...[route.preHandler ?? []].flat()];
  });
  return (method, path) => shares.get(path)?.get(method);
}

/** A hook, so that it runs for every request of the route. It runs after the body: any number of requests may have passed the check before theirs. */
function takePlace(share: RouteShare, { onShed, refusalPacer }: RouteSharesDeps): preHandlerHookHandler {
  return (_, reply, done) => {
    const handled = share.enter();
    if (handled === undefined) {
      onShed('route');
      const problem = new ProblemError('OVERLOADED', { retryAfterSeconds: SHED_RETRY_AFTER_SECONDS });
      return refusalPacer.schedule(() => done(problem));
    }
    countInFlight(reply.raw, handled);
    done();
  };
}
