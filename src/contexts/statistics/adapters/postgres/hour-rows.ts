import type pg from 'pg';
import type { Counts } from '../../api.ts';
import { COUNT_NAMES, type Hour } from '../../domain/hours.ts';

/** In the order of COUNT_NAMES. */
const COLUMNS = ['issued', 'reserved', 'used', 'released', 'cancelled', 'expired', 'restored', 'discount_amount'];

const insert = (closed: boolean) => `
  insert into statistics.hourly as h (policy_id, starts_at, day, hour, store_id, ${COLUMNS.join(', ')}, closed)
  select *, ${closed} from unnest($1::bigint[], $2::timestamptz[], $3::date[], $4::smallint[], $5::bigint[],
    ${COLUMNS.map((_, index) => `$${index + 6}::bigint[]`).join(', ')})
  on conflict (policy_id, starts_at) do update set`;

/**
 * The condition is looked at under the row's lock: whoever comes after a recount leaves the hour alone, and whoever came
 * before it is written over.
 */
const ADD = `${insert(false)} store_id = excluded.store_id,
    ${COLUMNS.map((name) => `${name} = h.${name} + excluded.${name}`).join(', ')}
  where not h.closed`;

const CLOSE = `${insert(true)} closed = true, ${COLUMNS.map((name) => `${name} = excluded.${name}`).join(', ')}`;

type Client = Pick<pg.ClientBase, 'query'>;

/** Adds to hours that are not closed. They come sorted. */
export async function addHours(client: Client, hours: readonly Hour[]): Promise<void> {
  await client.query({ name: 'statistics-add', text: ADD, values: columnsOf(hours) });
}

/** Sets hours and closes them. They come sorted. */
export async function closeHours(client: Client, hours: readonly Hour[]): Promise<void> {
  await client.query({ name: 'statistics-close', text: CLOSE, values: columnsOf(hours) });
}

const columnsOf = (hours: readonly Hour[]): unknown[] => [
  hours.map((hour) => String(hour.policyId)),
  hours.map((hour) => new Date(hour.startsAtMs).toISOString()),
  hours.map((hour) => hour.day),
  hours.map((hour) => hour.hour),
  hours.map((hour) => (hour.storeId === undefined ? null : String(hour.storeId))),
  ...COUNT_NAMES.map((name) => hours.map((hour) => String(hour.counts[name]))),
];

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
export interface CountColumns {
  readonly issued: Int8;
  readonly reserved: Int8;
  readonly used: Int8;
  readonly released: Int8;
  readonly cancelled: Int8;
  readonly expired: Int8;
  readonly restored: Int8;
  readonly discount_amount: Int8;
}
interface Row extends CountColumns {
  readonly policy_id: Int8;
  readonly starts_at: Date;
  readonly day: string;
  readonly hour: number;
  readonly store_id: Int8 | null;
  readonly closed: boolean;
}

export const toCounts = (row: CountColumns): Counts => ({
  issued: BigInt(row.issued),
  reserved: BigInt(row.reserved),
  used: BigInt(row.used),
  released: BigInt(row.released),
  cancelled: BigInt(row.cancelled),
  expired: BigInt(row.expired),
  restored: BigInt(row.restored),
  discountAmount: BigInt(row.discount_amount),
});
