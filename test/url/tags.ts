/**
 * Why a test cannot run against a server that it did not start. A file says so in a comment, `// @module-tag rows`, a single test or
 * `describe` by `{ tags: 'rows' }`.
 */
export const TAGS = [
  { name: 'settings', description: 'starts servers with settings, clocks or limits of its own' },
  { name: 'rows', description: 'reads or writes rows that no operation shows' },
  { name: 'process', description: 'stops, kills or overloads the server, or reads its log or its memory' },
  { name: 'alone', description: 'counts what all users of the server do' },
] as const;
