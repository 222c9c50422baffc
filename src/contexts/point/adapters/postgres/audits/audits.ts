import type { Audit } from '../../../../../platform/context.ts';
import { OVERDUE } from '../../../../../platform/postgres/overdue.ts';
import { sqlAuditOfAll } from '../../../../../platform/postgres/sql-audit.ts';

/**
 * The invariants of README.md, recounted from the entries of the ledger. The audits rely on no constraint or index, because they must also
 * find what those should have prevented.
 */
export const pointAudits: readonly Audit[] = [
  audit('the entries of each point transaction sum to 0', 'entries.sql'),
  audit(
    'balance = sum of entries = sum of what is left of the lots, and neither it nor what is held or owed is below 0',
    'balances.sql',
  ),
  audit('no lot is negative or overfull, and each is what its moves say', 'lots.sql'),
  audit('what a transaction moves between lots is what it does to the balance', 'lot-moves.sql'),
  audit('what is held is the sum of the holds that are open', 'holds.sql'),
  audit('a key of a user has one transaction, and what is reversed is reversed once', 'keys.sql'),
  audit(
    'a charge that was paid credited its points once, money that credits none goes back, and room is kept for open charges',
    'charges.sql',
  ),
  audit('an order has earned its rate of the money that the shop keeps of it', 'earnings.sql'),
  audit(
    'while a server runs, no charge and no refund of one waits past its time for more than two periods of the scheduler',
    'waiting.sql',
  ),
];

function audit(name: string, file: string): Audit {
  return sqlAuditOfAll(name, 'points', { path: `contexts/point/adapters/postgres/audits/${file}`, values: OVERDUE });
}
