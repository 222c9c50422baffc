// The rules of ARCHITECTURE.md: contexts meet at api.ts and at events, the domain is pure, Nest stays at the edge.
const CONTEXT = '^src/contexts/([^/]+)/';
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      // Types count: modules that need each other's types cannot be read one at a time.
      from: {},
      to: { circular: true },
    },
    {
      name: 'contexts-meet-at-api',
      severity: 'error',
      from: { path: CONTEXT },
      to: { path: CONTEXT, pathNot: ['^src/contexts/$1/', '^src/contexts/[^/]+/api\\.ts$'] },
    },
    {
      name: 'edge-sees-api-only',
      severity: 'error',
      from: { path: '^src/gateway/' },
      to: { path: CONTEXT, pathNot: '^src/contexts/[^/]+/api\\.ts$' },
    },
    {
      // Only the list of routes, and through it the composition root, knows routes.
      name: 'edge-knows-no-route',
      severity: 'error',
      from: { path: '^src/gateway/(?!routes/)' },
      to: { path: '^src/gateway/routes/' },
    },
    {
      name: 'only-the-composition-root-sees-modules',
      severity: 'error',
      from: { path: '^src/(platform|gateway)/' },
      to: { path: '^src/(app|contexts/[^/]+/module\\.ts)' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^src/contexts/[^/]+/domain/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^src/contexts/[^/]+/(domain/|(api|refusals)\\.ts)', '^src/platform/kernel/'] },
    },
    {
      name: 'application-sees-no-adapter',
      severity: 'error',
      from: { path: '^src/contexts/[^/]+/application/', pathNot: '\\.test\\.ts$' },
      to: { path: ['/adapters/', 'node_modules/(pg|drizzle-orm)/'] },
    },
    {
      name: 'adapters-see-ports-only',
      severity: 'error',
      comment: 'An adapter stores and returns data. What is built from it, such as events, is built by its caller.',
      from: { path: '^src/contexts/[^/]+/adapters/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/contexts/[^/]+/application/', pathNot: '/ports\\.ts$' },
    },
    {
      name: 'nest-stays-at-the-edge',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(app|gateway)/' },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'mcp-is-loaded-by-its-command',
      severity: 'error',
      comment: 'A server, and every other command, starts without it.',
      from: { path: '^src/', pathNot: '^src/commands/mcp/' },
      to: {
        path: ['node_modules/@modelcontextprotocol/', '^src/commands/mcp/'],
        dependencyTypesNot: ['dynamic-import'],
      },
    },
    {
      name: 'generated-types-through-api',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/gen/',
          '^src/contexts/[^/]+/api\\.ts$',
          '^src/platform/kernel/contract\\.ts$',
          '^src/app/process-service\\.ts$',
          '^src/platform/etcd/',
        ],
      },
      to: { path: '^src/gen/', pathNot: '^src/gen/wire/' },
    },
    {
      name: 'services-through-modules',
      severity: 'error',
      comment:
        'The definition of a service is loaded by the list of contexts, where another process is called or serves.',
      from: {
        path: '^src/',
        pathNot: ['^src/gen/', '^src/contexts/[^/]+/module\\.ts$', '^src/app/remote/process-contract\\.ts$'],
      },
      // That of the calls themselves is a part of the platform.
      to: { path: '^src/gen/wire/', pathNot: '^src/gen/wire/stampede/calls/' },
    },
    {
      name: 'services-are-loaded-where-they-are-used',
      severity: 'error',
      from: { path: '^src/contexts/[^/]+/module\\.ts$' },
      to: { path: '^src/gen/wire/', dynamic: false },
    },
    {
      name: 'grpc-is-loaded-where-it-is-used',
      severity: 'error',
      comment: 'A process that hosts every context loads no gRPC.',
      from: { path: '^src/(?!platform/grpc/|platform/etcd/|app/remote/)', pathNot: '\\.test\\.ts$' },
      to: {
        path: [
          '^src/platform/grpc/(dial|serve|failures|instances|breaker|batch-contract|dial-batches|serve-batches)\\.ts$',
          '^src/platform/etcd/',
          '^src/app/remote/',
          'node_modules/(@grpc|opossum)/',
        ],
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'api-shows-its-own-contract',
      severity: 'error',
      from: { path: '^src/contexts/([^/]+)/api\\.ts$' },
      to: { path: '^src/gen/', pathNot: '^src/gen/(types|stored)/stampede/$1/' },
    },
    {
      name: 'tests-stay-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.test\\.ts$', '^src/contexts/[^/]+/test/', '-suite\\.ts$'] },
      to: { path: ['^src/contexts/[^/]+/test/', '\\.test\\.ts$', '-suite\\.ts$'] },
    },
    {
      name: 'client-stands-alone',
      severity: 'error',
      from: { path: '^clients/typescript/src/' },
      to: { pathNot: ['^clients/typescript/src/', 'node_modules/(openapi-fetch|eventsource-parser)/'] },
    },
    { name: 'platform-knows-no-context', severity: 'error', from: { path: '^src/platform/' }, to: { path: CONTEXT } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '^src/gen/', '/generated/'] },
  },
};
