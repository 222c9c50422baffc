/**
 * Why a test cannot run against a server that it did not start. A file says so in a comment, `// @module-tag rows`, a single test or
 * `describe` by `{ tags: 'rows' }`.
 */
/** Of tests that run against one `stampede serve` and not against `npm run cluster`, whose load balancer is an HTTP server of its own. */
export const CLUSTER_TAGS: readonly string[] = ['bytes', 'upload', 'connection'];
/** Of tests that need all coupons, or all accounts, in one database: left out with several shards. */
export const SHARD_TAGS: readonly string[] = ['shard'];

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
  {
    name: 'shard',
    description:
      'expects of two policies or users what one database decides: a key that is refused for another one, 20 reservations (left out with shards only)',
  },
] as const;
