import type { FastifyInstance } from 'fastify';
import type { PlainRoute } from './route.ts';

/** Registers routes with Fastify that are served without a check. They get log lines and metrics as Nest's do. */
export function registerPlainRoutes(fastify: FastifyInstance, routes: readonly PlainRoute[]): void {
  for (const { method, paths, head = false, rawBody = false, bypassesShedding = false, handle } of routes) {
    for (const url of paths) {
      fastify.route({
        method: head ? [method, 'HEAD'] : method,
        url,
        config: { raw: rawBody, bypassesShedding },
        handler: handle,
      });
    }
  }
}
