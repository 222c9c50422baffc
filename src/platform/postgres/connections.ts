const QUERIES_MAX = 10;
const VITAL_MAX = 4;
/** A part is not smaller: one slow read would delay all others of its process. */
const QUERIES_MIN = 3;
const VITAL_MIN = 2;
/** Of batchers, the relay and scheduled work, at most: ADR 28. Workers do not share them. */
const UNSHARED = 22;

/** The connections of each pool for queries, when a node has this many processes. */
export const queryPoolSizes = (processes: number) => ({
  queries: Math.max(Math.ceil(QUERIES_MAX / processes), QUERIES_MIN),
  vital: Math.max(Math.ceil(VITAL_MAX / processes), VITAL_MIN),
});

/**
 * Returns how many connections a node opens to PostgreSQL at most.
 * @param workers its processes
 * @param isPooled whether its queries go through a pooler
 */
export function connectionsOf(workers: number, isPooled = false): number {
  const { queries, vital } = queryPoolSizes(workers);
  return workers * ((isPooled ? 0 : queries) + vital + UNSHARED);
}

/** Connections that PostgreSQL keeps for superusers, by its default of superuser_reserved_connections. */
export const RESERVED_CONNECTIONS = 3;
