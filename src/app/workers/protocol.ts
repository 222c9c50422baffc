import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { Server } from '../server.ts';

/** What a worker needs besides the environment, which it reads itself. All listen on the same ports. */
export interface WorkerStart {
  readonly port: number;
  readonly metricsPort: number | undefined;
  readonly databaseUrl: string;
  readonly jwtSecrets: readonly string[];
  readonly webhookKeys: readonly Buffer[];
  /** True for the first worker: it creates the administrator. */
  readonly preparesAccounts: boolean;
  /** The generated password goes to the banner and not to a file. */
  readonly mayShowSecrets: boolean;
}

export type WorkerStarted = Pick<Server, 'url' | 'metricsUrl' | 'admin'>;

/** The metrics of a process, as prom-client exports them. */
export type Metrics = readonly MetricObjectWithValues<MetricValue<string>>[];

/** What the primary calls. */
export type WorkerApi = {
  /** Resolves when the worker serves. Rejects with the reason why it does not; the worker then exits. */
  start(start: WorkerStart): Promise<WorkerStarted>;
  /** Resolves while the event loop of the worker runs. */
  ping(): Promise<void>;
  metrics(): Promise<Metrics>;
  /** Announces the stop, waits SHUTDOWN_DELAY_MS, drains, and exits. */
  stop(): Promise<void>;
};

/** What a worker calls. */
export type PrimaryApi = {
  /** The metrics of all workers together, as text. */
  metrics(): Promise<string>;
};
