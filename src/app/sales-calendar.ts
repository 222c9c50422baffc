import type pg from 'pg';
import { claimSalesCalendar } from '../contexts/order/module.ts';
import type { Shop } from '../platform/kernel/shop.ts';
import { StartError } from '../platform/kernel/start-error.ts';
import type { Target } from './parts.ts';

/** The database of orders keeps the days of its sales. @throws StartError when they are those of another time zone */
export async function assertSalesCalendar(
  pool: Pick<pg.Pool, 'query'>,
  { parts }: Pick<Target, 'parts'>,
  { timeZone }: Shop,
): Promise<void> {
  if (!parts.has('order')) return;
  const stored = await claimSalesCalendar(pool, timeZone);
  if (stored === timeZone) return;
  throw new StartError(
    `This database counts its sales by the days of ${stored}, and STAMPEDE_TIME_ZONE is ${timeZone}. Set STAMPEDE_TIME_ZONE=${stored}.`,
  );
}
