/**
 * How long overdue work may wait for a task that runs every minute. A run starts when the period begins, so work that falls due
 * just after that waits for one period, and then for the run.
 */
const OVERDUE_AFTER = "interval '2 minutes'";

/**
 * Values of the SQL of audits. `serverRuns` is true when a node has run for that long: overdue rows are no violation when no node was
 * running, or just after a start.
 */
export const OVERDUE = {
  overdueAfter: OVERDUE_AFTER,
  serverRuns: `exists (
    select from platform.node_leases
    where holder is not null and expires_at > now() and taken_at < now() - ${OVERDUE_AFTER})`,
};
