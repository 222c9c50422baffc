import { inTransaction, issueUnderLock, openPool } from './rows.ts';
import { type Baseline, serve } from './serve.ts';

/** (g): a transaction a request that locks the policy's row with SELECT … FOR UPDATE. */
const pool = await openPool();
const rowLock: Baseline = {
  issue: (policyId, userId) => inTransaction(pool, (client) => issueUnderLock(client, policyId, userId, 'for update')),
  stop: () => pool.end(),
};
await serve(rowLock);
