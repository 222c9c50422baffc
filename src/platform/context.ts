import type pg from 'pg';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { EventBus } from './events/bus.ts';
import type { Topics } from './events/topic.ts';
import type { NamedFiles } from './files/file-store.ts';
import type { ServiceContract } from './grpc/contract.ts';
import type { Clock } from './kernel/clock.ts';
import type { IdSource } from './kernel/ids.ts';
import type { Notifier } from './kernel/notifier.ts';
import type { RefusalTable } from './kernel/refusal.ts';
import type { Database } from './postgres/database.ts';

/** The dependencies that the composition root passes to every context. */
export interface ContextDeps<Consumer extends string = string> {
  readonly database: Database;
  readonly bus: EventBus<Consumer>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** A connection in a read-only REPEATABLE READ transaction: every statement sees the same snapshot. */
export type Snapshot = Pick<pg.ClientBase, 'query'>;

export interface AuditScope {
  /** Restricts the audit to this coupon policy. */
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
  /** Printed beside the verdict, so that an empty table is not mistaken for a passed audit. */
  readonly figures: Readonly<Record<string, string | number>>;
  /** Up to 5 examples of violations. */
  readonly violations: readonly string[];
}

/** Work that runs on a schedule. A run processes everything that is due, so the next run makes up for a missed one. */
export interface ScheduledTask {
  /** `<context>.<what>`, for example coupon.end-reservations. */
  readonly name: string;
  /**
   * One run in every period of this many minutes, on one of the nodes; runs never overlap. 1, 60, or 1440 for daily: periods start at
   * midnight UTC.
   */
  readonly everyMinutes: number;
  /** For work that cannot wait for the next period: an extra run at each due time. */
  readonly dueTimes?: DueTimes;
  /**
   * Works in batches of bounded size, each in its own transaction, and ends at the latest after the batch in which `signal` was aborted.
   * Returns how many things it processed. A run that throws is retried.
   */
  run(signal: AbortSignal): Promise<number>;
}

/** The times at which work of a task falls due. */
export interface DueTimes {
  /**
   * Returns the next due time, or a past one that was not processed, by the clock in ContextDeps. Called every 5 s, so it must be
   * cheap.
   */
  next(): Promise<number | undefined>;
  /** Notified when the next due time may have changed. */
  readonly changed: Notifier;
}

/** What is known about a context without running it. */
export interface ContextFacts {
  readonly name: string;
  /** The codes that it declares: what it refuses with, without the codes of the platform and of other contexts. */
  readonly refusals: RefusalTable;
  /** The topics that it publishes. */
  readonly publishes: Topics;
  /** Topics of other contexts that it publishes events on, too. */
  readonly alsoPublishes?: readonly string[];
  /** Returns the topics that it subscribes to, of all that exist. */
  consumes(topics: Topics): readonly string[];
  /** The invariants over its own tables. */
  readonly audits: readonly Audit[];
}

/**
 * A context as the composition root's list of contexts contains it.
 *
 * `create` gets what every context gets and the settings of all contexts, and the APIs of the contexts that are listed before it.
 */
export interface Context<Kit extends ContextDeps, Apis, Module extends ContextModule<unknown>> extends ContextFacts {
  /** The PostgreSQL schema of its tables. */
  readonly schema: string;
  /** Present where its rows name files, which it stores. */
  readonly keepsFiles?: true;
  /** Loads the definition of its service, for processes that do not host all contexts. */
  contract(): Promise<ServiceContract>;
  create(kit: Kit, apis: Apis): Module;
}

/** What a running context provides to the composition root. */
export interface ContextModule<Api> {
  readonly api: Api;
  readonly jobs: readonly ScheduledTask[];
  /** Present where rows name files. A file that no context names is removed. */
  readonly namedFiles?: NamedFiles;
  /** Waits for running work and releases timers. Does not close the database. */
  stop(): Promise<void>;
}
