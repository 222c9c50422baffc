import type { Audit } from '../../../../../platform/context.ts';
import { OVERDUE } from '../../../../../platform/postgres/overdue.ts';
import { sqlAuditOfAll } from '../../../../../platform/postgres/sql-audit.ts';
import { OPEN_ORDERS_MAX } from '../../../domain/order.ts';

/**
 * The invariants of README.md, recounted. The audits rely on no constraint or index, because they must also find what those should have
 * prevented.
 */
export const orderAudits: readonly Audit[] = [
  audit(
    'the units of a product are all in one place: supplied = free + reserved + sold + in its time sales',
    'units.sql',
  ),
  audit('units that are reserved or sold are those of orders that are open or paid', 'counted-units.sql'),
  audit(
    'what a user has of a time sale is what their orders say, and never more than the limit',
    'time-sale-buyers.sql',
  ),
  audit('a user has no more orders that are neither paid nor ended than they may', 'open-orders.sql'),
  audit('what counts as sold on a day is what was paid on it, less what was given back', 'daily-sales.sql'),
  audit('a key made one order of its user, one payment and one refund of its order', 'keys.sql'),
  audit(
    'an order is in a state that there is, and has a row of history for each of its versions, the last of which has its status',
    'history.sql',
  ),
  audit(
    'while a server runs, no order and no refund waits past its time for more than two periods of the scheduler',
    'waiting.sql',
  ),
  audit(
    'the amounts of an order add up: shares of its lines to the whole, none above its line, and nothing below 0',
    'amounts.sql',
  ),
  audit(
    'an order that is paid, or on its way to be, has one payment that brought its total; money that no order keeps goes back',
    'payments.sql',
  ),
  audit(
    'refunds add up: of an order and each of its lines to what is due for the units given back, of a payment to no more than it brought',
    'refunds.sql',
  ),
];

function audit(name: string, file: string): Audit {
  const folder = 'contexts/order/adapters/postgres/audits';
  const unitsOfLines = { path: `${folder}/units-of-lines.sql` };
  const values = { ...OVERDUE, unitsOfLines, openOrdersMax: String(OPEN_ORDERS_MAX) };
  return sqlAuditOfAll(name, 'orders', { path: `${folder}/${file}`, values });
}
