import type { FastifyInstance } from 'fastify';

/** A method and a path that the server has. */
export interface RegisteredRoute {
  readonly method: string;
  /** Template, for example /api/v1/coupon-policies/:id. */
  readonly url: string;
}

export interface RouteTable {
  /** In the order of registration. */
  readonly routes: readonly RegisteredRoute[];
  /**
   * Returns the methods of the templates that match a path; empty when none does. Where a template without parameters matches, only its own:
   * `/stores/my` is not the store `my`.
   */
  methodsAt(path: string): readonly string[];
  /** Whether a path is a template without parameters. */
  isPlain(path: string): boolean;
}

/** Records every route that is registered from now on. */
export function recordRoutes(fastify: FastifyInstance): RouteTable {
  const routes: RegisteredRoute[] = [];
  const paths = new Set<string>();
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) routes.push({ method: name, url });
    paths.add(url);
  });
  return {
    routes,
    isPlain: (path) => paths.has(path),
    methodsAt(path) {
      const asked = path.split('/');
      const matching = routes.filter(({ url }) => (paths.has(path) ? url === path : matches(url.split('/'), asked)));
      return [...new Set(matching.map((route) => route.method))].sort();
    },
  };
}

function matches(template: readonly string[], asked: readonly string[]): boolean {
  if (template.at(-1) === '*')
    return template.length <= asked.length && matches(template.slice(0, -1), asked.slice(0, template.length - 1));
  if (template.length !== asked.length) return false;
  return template.every((segment, place) => (segment.startsWith(':') ? asked[place] !== '' : segment === asked[place]));
}
