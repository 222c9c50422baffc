/** Tables with rows of a user, besides the inbox. Deleted with the account; `audits/deleted.sql` looks for what is left. */
export const USER_TABLES = [
  'notices',
  'deleted_notices',
  'deliveries',
  'preferences',
  'settings',
  'push_subscriptions',
] as const;
