/**
 * Writes a WAL record, so that COMMIT waits until the standbys have it and everything that was committed before. A COMMIT that wrote
 * nothing does not wait, and what it read may be on no standby yet, because another COMMIT's wait was cancelled.
 */
export const CONFIRM = {
  name: 'confirm',
  text: `select pg_logical_emit_message(true, 'stampede', '')`,
  values: [],
} as const;
