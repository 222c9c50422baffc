/**
 * Why a test cannot run against a server that it did not start. A file says so in a comment, `// @module-tag rows`, a single test or
 * `describe` by `{ tags: 'rows' }`.
 */
/** Of tests that run against one `stampede serve` and not against `npm run cluster`, whose load balancer is an HTTP server of its own. */
export const CLUSTER_TAGS: readonly string[] = ['bytes', 'upload', 'connection'];

export const TAGS = [
  { name: 'settings', description: 'starts servers with settings, clocks or limits of its own' },
  { name: 'rows', description: 'reads or writes rows that no operation shows' },
  { name: 'process', description: 'stops, kills or overloads the server, or reads its log or its memory' },
  { name: 'alone', description: 'counts what all users of the server do' },
  { name: 'bytes', description: 'sends bytes that a load balancer refuses itself (left out against the cluster only)' },
  {
    name: 'upload',
    description:
      'expects a response before its body has arrived, which a load balancer may lose with the connection (left out against the cluster only)',
  },
  {
    name: 'connection',
    description:
      'counts what one connection to the server carries; a load balancer has its own (left out against the cluster only)',
  },
] as const;
