import type { Database } from '../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { DeletedUsers } from '../../application/ports.ts';

/** Held by batches of subscriptions together, and alone by the deletion of a user. */
export const ACCOUNTS_LOCK = `hashtext('store.accounts')`;

const LOCK = `select pg_advisory_xact_lock(${ACCOUNTS_LOCK})`;
const INSERT = 'insert into store.deleted_users (user_id) values ($1) on conflict do nothing';

export const postgresDeletedUsers = ({ pool }: Pick<Database, 'pool'>): DeletedUsers => ({
  add: (userId) =>
    inTransaction(pool, async (client) => {
      await client.query(LOCK);
      await client.query(INSERT, [userId]);
    }),
});
