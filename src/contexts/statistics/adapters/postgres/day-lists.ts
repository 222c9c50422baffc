import type pg from 'pg';
import type { Counts, DayCounts, StoreDay } from '../../api.ts';
import type { DayQuery } from '../../application/ports.ts';
import { type CountedHour, NOTHING, sumCounts } from '../../domain/hours.ts';
import { type CountColumns, SUMS, toCounts } from './hour-rows.ts';

type Client = Pick<pg.Pool, 'query'>;

// The page first: reading stops where it ends, however many days follow.
const DAYS = `
  with page as (
    select day, policy_id from statistics.hourly
    where day between $1::date and $2::date and ($3::bigint[] is null or policy_id = any($3))
      and ($4::bigint is null or store_id = $4) and ($5::date is null or (day, policy_id) > ($5::date, $6::bigint))
    group by day, policy_id order by day, policy_id limit $7
  )
  select h.day::text, h.policy_id, max(h.store_id) as store_id, h.hour, ${SUMS}
  from page join statistics.hourly as h using (day, policy_id)
  where $4::bigint is null or h.store_id = $4
  group by h.day, h.policy_id, h.hour order by h.day, h.policy_id, h.hour`;

interface DayRow extends CountColumns {
  readonly day: string;
  readonly policy_id: bigint;
  readonly store_id: bigint | null;
}
interface HourRow extends DayRow {
  readonly hour: number;
}

export async function listDays(client: Client, query: DayQuery): Promise<DayCounts[]> {
  const { from, to, policyIds, storeId, after, limit } = query;
  const values = [from, to, policyIds ?? null, storeId ?? null, after?.day ?? null, after?.policyId ?? null, limit];
  const { rows } = await client.query<HourRow>(DAYS, values);
  const days = new Map<string, HourRow[]>();
  for (const row of rows) {
    const key = `${row.day} ${row.policy_id}`;
    const hours = days.get(key);
    if (hours) hours.push(row);
    else days.set(key, [row]);
  }
  return [...days.values()].flatMap((hourRows) => {
    const [first] = hourRows;
    if (!first) return [];
    const hours = hourRows.map((row) => ({ hour: row.hour, counts: toCounts(row) }));
    return [{ ...toDay(first), counts: sumCounts(hours), hours }];
  });
}

const DAYS_OF = `
  select day::text, policy_id, max(store_id) as store_id, ${SUMS}
  from statistics.hourly where policy_id = $1 group by day, policy_id order by statistics.hourly.day desc limit $2`;

export async function daysOf(client: Client, policyId: bigint, limit: number): Promise<DayCounts[]> {
  const { rows } = await client.query<DayRow>(DAYS_OF, [policyId, limit]);
  return rows.map(toDay).reverse();
}

const toDay = (row: DayRow): DayCounts => ({
  day: row.day,
  policyId: row.policy_id,
  storeId: row.store_id ?? undefined,
  counts: toCounts(row),
  hours: [],
});

const DAYS_OF_STORE = `
  select day::text, ${SUMS} from statistics.hourly where store_id = $1
  group by day order by statistics.hourly.day desc limit $2`;

export async function daysOfStore(client: Client, storeId: bigint, limit: number): Promise<StoreDay[]> {
  const { rows } = await client.query<CountColumns & { readonly day: string }>(DAYS_OF_STORE, [storeId, limit]);
  return rows.map((row) => ({ day: row.day, counts: toCounts(row) })).reverse();
}

const SUM_OF_STORE = `select ${SUMS} from statistics.hourly where store_id = $1 having count(*) > 0`;

export async function sumOfStore(client: Client, storeId: bigint): Promise<Counts> {
  const [row] = (await client.query<CountColumns>(SUM_OF_STORE, [storeId])).rows;
  return row === undefined ? NOTHING : toCounts(row);
}

const HOURS_OF = `
  select hour, ${SUMS} from statistics.hourly where policy_id = $1 group by hour order by hour`;

export async function hoursOf(client: Client, policyId: bigint): Promise<CountedHour[]> {
  const { rows } = await client.query<CountColumns & { readonly hour: number }>(HOURS_OF, [policyId]);
  return rows.map((row) => ({ hour: row.hour, counts: toCounts(row) }));
}
