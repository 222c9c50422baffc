import type { FastifyInstance, RouteOptions } from 'fastify';
import type { PlainRoute } from './route.ts';

/** Of a body that is not looked at. */
const IGNORED_BYTES_MAX = 10_000;

/** Registers routes with Fastify that are served without a check. They get log lines and metrics as Nest's do. */
export function registerPlainRoutes(fastify: FastifyInstance, routes: readonly PlainRoute[]): void {
  for (const {
    method,
    paths,
    head = false,
    rawBody = false,
    bypassesShedding = false,
    isProbe = false,
    ignoresBody,
    handle,
  } of routes) {
    for (const url of paths) {
      const options: RouteOptions = {
        method: head ? [method, 'HEAD'] : method,
        url,
        config: { raw: rawBody, bypassesShedding, isProbe },
        handler: handle,
      };
      if (ignoresBody) registerIgnoring(fastify, options);
      else fastify.route(options);
    }
  }
}

/** In a scope of its own, whose one parser takes every type of body. */
function registerIgnoring(fastify: FastifyInstance, options: RouteOptions): void {
  fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    const limit = { parseAs: 'buffer', bodyLimit: IGNORED_BYTES_MAX } as const;
    scope.addContentTypeParser('*', limit, (_request, _body, parsed) => parsed(null, undefined));
    scope.route(options);
    done();
  });
}
