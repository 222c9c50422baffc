import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { EventBus } from './events/bus.ts';
import type { Clock } from './kernel/clock.ts';
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

/** One invariant, checked on a live system. */
export interface Audit {
  /** A sentence, for example "issued coupons equal the policy's count". */
  readonly name: string;
  /** `scope.policyId` narrows it. `figures` are printed beside the verdict. */
  run(scope: { readonly policyId?: bigint }): Promise<AuditResult>;
}
export interface AuditResult {
  readonly ok: boolean;
  readonly figures: Readonly<Record<string, string | number>>;
  /** Up to 5 examples of what breaks it. */
  readonly violations: readonly string[];
}

/** What a context's module gives the composition root. */
export interface ContextModule<Api> {
  readonly api: Api;
  readonly audits: readonly Audit[];
  /** Waits for what is under way and releases timers. The database is closed by who opened it. */
  stop(): Promise<void>;
}
