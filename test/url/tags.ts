/**
 * Why a test cannot run against a server that it did not start. A file says so in a comment, `// @module-tag rows`, a single test or
 * `describe` by `{ tags: 'rows' }`.
 */
/** Of tests that run against one `stampede serve` and not against `npm run cluster`. */
export const CLUSTER_TAG = 'direct';

export const TAGS = [
  { name: 'settings', description: 'starts servers with settings, clocks or limits of its own' },
  { name: 'rows', description: 'reads or writes rows that no operation shows' },
  { name: 'process', description: 'stops, kills or overloads the server, or reads its log or its memory' },
  { name: 'alone', description: 'counts what all users of the server do' },
  {
    name: CLUSTER_TAG,
    description:
      'sends or reads what a load balancer changes, or counts on one process (left out against the cluster only)',
  },
] as const;
