/**
 * Writes a record of its own, so that COMMIT waits until the standbys have it, and with it all that was committed before. A COMMIT
 * without a record does not wait, and what it read may be on no standby yet: another COMMIT may have lost its wait.
 */
export const CONFIRM = {
  name: 'confirm',
  text: `select pg_logical_emit_message(true, 'stampede', '')`,
  values: [],
} as const;
