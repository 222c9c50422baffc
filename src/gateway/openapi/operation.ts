import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import type { Route } from '../server/route.ts';
import type { Components, Json } from './components.ts';
import { parametersOf } from './parameters.ts';
import { problemsOf } from './problems.ts';
import { requestBodyOf } from './request-body.ts';
import { successesOf } from './responses.ts';

/** The place of an operation in the document. */
export interface Place {
  readonly path: string;
  readonly method: string;
  readonly operation: Json;
}

/** The operation of a route at each of its paths, of which all but the first are deprecated aliases. */
export function operationsOf(components: Components, route: Route, refusals: RefusalTable): readonly Place[] {
  const method = route.method.toLowerCase();
  const [main = '', ...aliases] = route.paths.map((path) => path.replace(/:(\w+)/g, '{$1}'));
  const operation = operationOf(components, route, refusals);
  const versioned = aliases.filter(isVersioned);
  if (versioned.length > 1) throw new Error(`${route.id} has two aliases with a version, whose ids would be equal`);
  const sameAs = `Use \`${route.method} ${main}\`.`;
  return [
    { path: main, method, operation },
    ...aliases.map((path) => ({
      path,
      method,
      operation: {
        ...operation,
        operationId: aliasId(route.id, path, main),
        description: sameAs,
        deprecated: true,
        [ALIAS_OF]: route.id,
      },
    })),
  ];
}

/** An extension: the operationId of the operation that this one is another path of. Clients can leave it out. */
export const ALIAS_OF = 'x-stampede-alias-of';

const VERSION = '/api/v1/';
const isVersioned = (path: string): boolean => path.startsWith(VERSION);

/** Says in what the alias differs, so that further aliases leave it as it is. */
function aliasId(id: string, path: string, main: string): string {
  if (isVersioned(path)) return `${id}Alias`;
  return path.replace('/api/', VERSION) === main ? `${id}Unversioned` : `${id}AliasUnversioned`;
}

function operationOf(components: Components, route: Route, refusals: RefusalTable): Json {
  const requestBody = requestBodyOf(components, route);
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: securityOf(route),
    ...openScopeOf(route),
    parameters: parametersOf(components, route),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: { ...successesOf(components, route), ...problemsOf(components, route, refusals) },
  };
}

/**
 * A token, with the roles that may (any of them; none are listed where every role may), or a key with its scope. Nothing where everybody may: a
 * credential that is sent there may show more.
 */
function securityOf(route: Route): readonly Json[] {
  if (route.plain) return route.credential ? [{ [route.credential.scheme]: [] }] : [];
  if (route.access === 'ANYBODY') return [];
  const roles = route.access === 'ANY_TOKEN' ? [] : route.access;
  return [{ accessToken: roles }, ...(route.scope === 'NEVER' ? [] : [{ apiKey: [route.scope] }])];
}

/** The scope that a key needs where no credential is required; elsewhere it is in `security`. */
const openScopeOf = ({ plain, access, scope }: Route): Json =>
  plain || access !== 'ANYBODY' || scope === 'NEVER' ? {} : { [OPEN_SCOPE]: scope };
const OPEN_SCOPE = 'x-stampede-scope';
