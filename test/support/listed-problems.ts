import { codesOf } from '../../src/gateway/server/route.ts';
import { routesWithoutServer } from '../../tools/openapi/document.ts';

const listed = routesWithoutServer().flatMap((route) =>
  route.paths.map((path) => ({
    method: route.method as string,
    segments: path.split('/'),
    id: route.id,
    codes: new Set<string>(codesOf(route)),
  })),
);

/**
 * Throws an Error when a route refuses with a code that its definition does not list, because then the OpenAPI document does not, either.
 * A path of no route is refused by the edge alone.
 */
export function requireListed(method: string, path: string, code: string): void {
  // The refusal of a path that another method has.
  if (code === 'METHOD_NOT_ALLOWED') return;
  const asked = (path.split('?')[0] ?? '').split('/');
  const isAt = (segments: readonly string[]): boolean =>
    segments.length === asked.length && segments.every((each, place) => each.startsWith(':') || each === asked[place]);
  const routes = listed.filter((route) => route.method === method && isAt(route.segments));
  if (routes.length === 0 || routes.some(({ codes }) => codes.has(code))) return;
  throw new Error(`${method} ${path} was refused with ${code}, which ${routes[0]?.id} does not list in \`refusals\``);
}
