/**
 * SQL: how long after its time something may wait for a job that runs every minute. A run adds itself when the period begins, so
 * what falls due just after it waits for one period, and then for the run.
 */
export const OVERDUE_AFTER = "interval '2 minutes'";

/** SQL: true when a node has run for that long. Overdue rows are no violation while no node has run, or while one has just started. */
export const SERVER_RUNS = `exists (
  select from platform.node_leases
  where holder is not null and expires_at > now() and taken_at < now() - ${OVERDUE_AFTER})`;
