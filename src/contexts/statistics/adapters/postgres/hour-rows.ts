import { getTableColumns } from 'drizzle-orm';
import type pg from 'pg';
import { group, millis, optional } from '../../../../platform/postgres/mapped-fields.ts';
import { tableMapping } from '../../../../platform/postgres/table-mapping.ts';
import type { Counts } from '../../api.ts';
import type { Hour } from '../../domain/hours.ts';
import { hourly } from './schema.ts';

const { policyId, startsAt, day, hour, storeId, closed: _, ...counts } = getTableColumns(hourly);
const HOUR = tableMapping(hourly, {
  policyId,
  startsAtMs: millis(startsAt),
  day,
  hour,
  storeId: optional(storeId),
  counts: group(counts),
});
const COLUMNS = Object.values(counts).map(({ name }) => name);

const insert = (closed: boolean) => `
  insert into statistics.hourly as h (${HOUR.names}, closed)
  select *, ${closed} from unnest(${HOUR.arrays()})
  on conflict (policy_id, starts_at) do update set`;

/**
 * The condition is checked under the row's lock: a consumer that runs after a recount does not change the hour, and one that ran
 * before has its numbers replaced by the recount.
 */
const ADD = `${insert(false)} store_id = excluded.store_id,
    ${COLUMNS.map((name) => `${name} = h.${name} + excluded.${name}`).join(', ')}
  where not h.closed`;

const CLOSE = `${insert(true)} closed = true, ${COLUMNS.map((name) => `${name} = excluded.${name}`).join(', ')}`;

type Client = Pick<pg.ClientBase, 'query'>;

/** Adds to hours that are not closed. They come sorted. */
export async function addHours(client: Client, hours: readonly Hour[]): Promise<void> {
  await client.query({ name: 'statistics-add', text: ADD, values: HOUR.values(hours) });
}

/** Sets hours and closes them. They come sorted. */
export async function closeHours(client: Client, hours: readonly Hour[]): Promise<void> {
  await client.query({ name: 'statistics-close', text: CLOSE, values: HOUR.values(hours) });
}

export interface StoredHour extends Hour {
  readonly closed: boolean;
}

export interface HourQuery {
  /** Undefined = any, here and below. */
  readonly policyId?: bigint | undefined;
  /** Of the beginnings, [fromMs, untilMs). */
  readonly within?: { readonly fromMs: number; readonly untilMs: number };
}

// Days differ from UTC's by less than two, and the index is by day.
const READ = `
  select policy_id, starts_at, day::text, hour, store_id, ${COLUMNS.join(', ')}, closed from statistics.hourly
  where ($1::bigint is null or policy_id = $1)
    and ($2::timestamptz is null or (day between $2::timestamptz::date - 2 and $3::timestamptz::date + 2 and starts_at >= $2 and starts_at < $3))
  order by policy_id, starts_at`;

/** On any connection: the pool's hand int8 out as bigint, others as text. */
export async function readHours(client: Client, { policyId, within }: HourQuery): Promise<StoredHour[]> {
  const [from, until] = within ? [new Date(within.fromMs), new Date(within.untilMs)] : [null, null];
  const { rows } = await client.query<Row>(READ, [policyId ?? null, from, until]);
  return rows.map((row) => ({
    policyId: BigInt(row.policy_id),
    startsAtMs: row.starts_at.getTime(),
    day: row.day,
    hour: row.hour,
    storeId: row.store_id === null ? undefined : BigInt(row.store_id),
    counts: toCounts(row),
    closed: row.closed,
  }));
}

export const SUMS = COLUMNS.map((name) => `sum(${name})::bigint as ${name}`).join(', ');

type Int8 = bigint | string;
export type CountColumns = { readonly [Name in keyof typeof counts as (typeof counts)[Name]['_']['name']]: Int8 };
interface Row extends CountColumns {
  readonly policy_id: Int8;
  readonly starts_at: Date;
  readonly day: string;
  readonly hour: number;
  readonly store_id: Int8 | null;
  readonly closed: boolean;
}

const COUNTS = Object.entries(counts).map(([name, column]) => [name, column.name as keyof CountColumns] as const);
export const toCounts = (row: CountColumns): Counts =>
  Object.fromEntries(COUNTS.map(([name, column]) => [name, BigInt(row[column])])) as unknown as Counts;
