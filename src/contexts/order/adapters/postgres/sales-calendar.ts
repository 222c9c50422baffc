import type pg from 'pg';

const CLAIM = `
  insert into orders.sales_calendar as c (time_zone) values ($1)
  on conflict (one) do update set time_zone = excluded.time_zone
    where c.time_zone <> excluded.time_zone and not exists (select from orders.product_daily_sales)`;

/**
 * Stores in whose days daily sales are counted. Once a product was sold they stay those of one zone: the audit counts orders by it.
 * @returns the time zone that is stored, which is another one when products were sold in that one's days
 */
export async function claimSalesCalendar(pool: Pick<pg.Pool, 'query'>, timeZone: string): Promise<string> {
  await pool.query(CLAIM, [timeZone]);
  const { rows } = await pool.query<{ zone: string }>('select time_zone as zone from orders.sales_calendar');
  return rows[0]?.zone ?? timeZone;
}
