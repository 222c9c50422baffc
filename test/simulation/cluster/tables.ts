import { getTableColumns } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import {
  couponIssues,
  couponPolicies,
  couponReservations,
} from '../../../src/contexts/coupon/adapters/postgres/schema.ts';
import type { StoredResult } from './key-statements.ts';

/** A row by the names of its columns. Never changed: a new version replaces it. */
export type Row = Readonly<Record<string, unknown>>;

export interface OutboxRow {
  readonly id: bigint;
  readonly xid: number;
  readonly place: number;
  readonly payload: string;
  readonly events: number;
  readonly createdAtMs: number;
}

/** What is committed. */
export interface Tables {
  readonly policies: Map<bigint, Row>;
  readonly coupons: Map<bigint, Row>;
  readonly reservations: Map<string, Row>;
  /** By coupon and version, the batch that wrote it. */
  readonly history: Map<string, bigint>;
  readonly outbox: Map<bigint, OutboxRow>;
  /** The places of outbox rows in the order of commits, which PostgreSQL keeps nowhere. */
  readonly commits: Map<bigint, number>;
  /** By consumer and source, the indexes that were claimed. */
  readonly inbox: Map<string, ReadonlySet<number>>;
  /** Of idempotency keys, by scope and key. */
  readonly results: Map<string, StoredResult>;
  /** How often a consumer took the event of each coupon into account. */
  readonly effects: Map<string, number>;
}

export const emptyTables = (): Tables => ({
  policies: new Map(),
  coupons: new Map(),
  reservations: new Map(),
  history: new Map(),
  outbox: new Map(),
  commits: new Map(),
  inbox: new Map(),
  results: new Map(),
  effects: new Map(),
});

/** Reads a parameter as the driver would read the column back. */
type Convert = (value: unknown) => unknown;

const CONVERT: Readonly<Record<string, Convert>> = {
  PgBigInt64: (value) => BigInt(value as string),
  PgInteger: Number,
  PgTimestamp: (value) => new Date(value as string),
  PgBoolean: (value) => value === true || value === 'true',
};

function convertersOf(table: PgTable): ReadonlyMap<string, Convert> {
  const columns: PgColumn[] = Object.values(getTableColumns(table));
  return new Map(
    columns.map(({ name, columnType }) => {
      const convert = CONVERT[columnType] ?? ((value: unknown) => value);
      return [name, (value) => (value === null || value === undefined ? null : convert(value))];
    }),
  );
}

function defaultsOf(table: PgTable): Row {
  const columns: PgColumn[] = Object.values(getTableColumns(table));
  return Object.fromEntries(columns.map(({ name, default: value }) => [name, value ?? null]));
}

export interface TableKind {
  readonly converters: ReadonlyMap<string, Convert>;
  readonly defaults: Row;
}
const kindOf = (table: PgTable): TableKind => ({ converters: convertersOf(table), defaults: defaultsOf(table) });
export const POLICIES = kindOf(couponPolicies);
export const COUPONS = kindOf(couponIssues);
export const RESERVATIONS = kindOf(couponReservations);

/** The value of a column, as the table keeps it. */
export function storedValue({ converters }: TableKind, column: string, value: unknown): unknown {
  const convert = converters.get(column);
  if (!convert) throw new Error(`there is no column ${column}`);
  return convert(value);
}

export const isSame = (a: unknown, b: unknown): boolean =>
  a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b;
