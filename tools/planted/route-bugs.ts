import type { PlantedBug } from './bugs.ts';

const OPENAPI = 'src/gateway/openapi/openapi.ts';
const OPENAPI_TEST = ['test/gateway/openapi.int.test.ts'];
const NEST = 'src/gateway/server/nest-routes.ts';
const HOT = 'src/gateway/server/hot-route.ts';
const SCOPES = 'src/gateway/auth/scopes.ts';
const SCOPES_TEST = ['test/attacks/scopes.int.test.ts'];

/** In what follows from the definitions of routes and from the list of contexts. */
export const ROUTE_BUGS: readonly PlantedBug[] = [
  {
    name: 'routes: a file of routes is missing in the list',
    file: 'src/gateway/routes/routes.ts',
    within: 'ROUTES',
    search: '  statisticsRoutes,',
    replace: '',
    tests: ['src/gateway/routes/routes.test.ts'],
  },
  {
    name: 'routes: a context is missing in the list',
    file: 'src/app/contexts.ts',
    within: 'CONTEXTS',
    search: '  paymentContext,',
    replace: '',
    tests: ['src/app/contexts.test.ts'],
  },
  {
    name: 'routes: the query of a Nest route is not validated',
    file: NEST,
    within: 'handlerOf',
    search: 'parsed(query, request.query)',
    replace: '(request.query as never)',
    tests: ['test/attacks/input.int.test.ts'],
  },
  {
    name: 'routes: the body of a hot route is not validated',
    file: HOT,
    within: 'bodyOf',
    search: 'parsed(route.body, body)',
    replace: 'body',
    tests: ['test/attacks/points.int.test.ts', 'test/attacks/input.int.test.ts'],
  },
  {
    name: 'routes: a hot route is for whomever it names',
    file: HOT,
    within: 'inputOf',
    search: 'subjectOf(principal, body?.userId)',
    replace: '(body?.userId ?? subjectOf(principal, undefined))',
    tests: ['test/attacks/authorisation.int.test.ts', 'test/attacks/points.int.test.ts'],
  },
  {
    name: 'scopes: a Nest route admits every key',
    file: 'src/gateway/auth/guard.ts',
    within: 'requireAccess',
    search: 'requireScope(principal, scope);',
    replace: '',
    tests: SCOPES_TEST,
  },
  {
    name: 'scopes: a hot route admits every key',
    file: HOT,
    within: 'handleHotRequest',
    search: "if (principal.role === 'SERVICE') requireScope(principal, hot.route.scope);",
    replace: '',
    tests: SCOPES_TEST,
  },
  {
    name: 'scopes: a key makes keys',
    file: SCOPES,
    within: 'scopeProblem',
    search: "scope === 'NEVER' || actsForPrivileged",
    replace: 'actsForPrivileged',
    tests: SCOPES_TEST,
  },
  {
    name: 'scopes: a machine acts for an administrator',
    file: SCOPES,
    within: 'scopeProblem',
    search: "scope === 'NEVER' || actsForPrivileged",
    replace: "scope === 'NEVER'",
    tests: SCOPES_TEST,
    only: '62',
  },
  {
    name: 'scopes: owners of other nodes are never read',
    file: 'src/gateway/auth/privileged-users.ts',
    within: 'pollPrivilegedUsers',
    search: 'for (const id of userIds) known.add(id);',
    replace: '',
    tests: SCOPES_TEST,
    only: '62',
  },
  {
    name: 'scopes: unknown names of keys are not reported',
    file: 'src/contexts/identity/application/find-unknown-scopes.ts',
    within: 'findUnknownScopes',
    search: '!isScope(name)',
    replace: 'isScope(name)',
    tests: SCOPES_TEST,
    only: 'reports',
  },
  {
    name: 'scopes: the part before the colon is enough',
    file: SCOPES,
    within: 'scopeProblem',
    search: 'scopes.includes(scope)',
    replace: "scopes.some((each) => each.split(':')[0] === scope.split(':')[0])",
    tests: SCOPES_TEST,
  },
  {
    name: 'scopes: a key is made with a name that is no scope',
    file: 'src/contexts/identity/domain/api-key.ts',
    within: 'normaliseScopes',
    search: 'unique.every(isScope) ? unique : undefined',
    replace: 'unique as never',
    tests: ['src/contexts/identity/domain/api-key.test.ts'],
  },
  {
    name: 'routes: the document does not declare Retry-After',
    file: OPENAPI,
    within: 'problemOf',
    search: '...(codes.some((code) => RETRIED.has(code)) ? RETRY_AFTER : {}),',
    replace: '',
    tests: OPENAPI_TEST,
    only: 'declares',
  },
  {
    name: 'routes: the document does not declare Idempotent-Replayed',
    file: OPENAPI,
    within: 'successOf',
    search: 'route.idempotent ? { headers: REPLAYED } : {}',
    replace: '{}',
    tests: OPENAPI_TEST,
    only: 'declares',
  },
];
