import type pg from 'pg';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { EventBus } from './events/bus.ts';
import type { Clock } from './kernel/clock.ts';
import type { Doorbell } from './kernel/doorbell.ts';
import type { IdSource } from './kernel/ids.ts';
import type { Database } from './postgres/database.ts';

/** What the composition root hands every context. */
export interface ContextDeps {
  readonly database: Database;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly nextId: IdSource;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** A connection inside a read-only transaction that sees one moment of the database, however long it takes. */
export type Snapshot = Pick<pg.ClientBase, 'query'>;

export interface AuditScope {
  /** Only what belongs to this coupon policy. */
  readonly policyId?: bigint;
}

/** One invariant, checked on a live system. */
export interface Audit {
  /** A sentence, for example "issued coupons equal the policy's count". */
  readonly name: string;
  run(snapshot: Snapshot, scope: AuditScope): Promise<AuditResult>;
}
export interface AuditResult {
  readonly ok: boolean;
  /** Printed beside the verdict, so that nobody mistakes "nothing there" for "all well". */
  readonly figures: Readonly<Record<string, string | number>>;
  /** Up to 5 examples of what breaks it. */
  readonly violations: readonly string[];
}

/** Work that the clock starts. A run does what is due by now, so one that was missed is made up for by the next. */
export interface Job {
  /** `<context>.<what>`, for example coupon.end-reservations. */
  readonly name: string;
  /**
   * One run in every period of so many minutes, on whichever node; runs never overlap. 1, 60, or 1440 for daily: periods are
   * counted from midnight UTC.
   */
  readonly everyMinutes: number;
  /** For work that cannot wait for the next period: an extra run at each instant. */
  readonly instants?: Instants;
  /**
   * In batches of bounded size, each a transaction of its own, so that it may end anywhere: at the latest after the batch in
   * which `signal` was aborted. Answers how much it did. A run that throws comes again.
   */
  run(signal: AbortSignal): Promise<number>;
}

/** The moments at which something of a job falls due. */
export interface Instants {
  /** The next one, or one that has passed and was not dealt with; by the clock in ContextDeps. Asked every 5 s: be cheap. */
  next(): Promise<number | undefined>;
  /** Rung when that may have changed. */
  readonly changed: Doorbell;
}

/** What a context's module gives the composition root. */
export interface ContextModule<Api> {
  readonly api: Api;
  readonly audits: readonly Audit[];
  readonly jobs: readonly Job[];
  /** Waits for what is under way and releases timers. The database is closed by who opened it. */
  stop(): Promise<void>;
}
