/**
 * SQL: how long after its time something may wait for a job that runs every minute. A run adds itself when the period begins, so
 * what falls due just after it waits for one period, and then for the run.
 */
export const OVERDUE_AFTER = "interval '2 minutes'";

/** SQL: a node has been at work for that long. While none was, or one has just started, what is overdue is nobody's fault. */
export const SERVER_RUNS = `exists (
  select from platform.node_leases
  where holder is not null and expires_at > now() and taken_at < now() - ${OVERDUE_AFTER})`;
