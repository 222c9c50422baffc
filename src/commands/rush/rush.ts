import type { StoredData } from '../../app/databases.ts';
import type { AuditScope } from '../../platform/context.ts';
import type { AccessTokens } from '../../platform/http/access-token.ts';
import type { Check } from './check.ts';
import type { RunningSystem } from './find-system.ts';
import type { History, Outcome } from './history.ts';
import type { LoadProfile } from './load-profile.ts';

/** A rush that is prepared on a running system: the load, and the checks of its outcome. */
export interface Rush<Data> {
  /** A description of the load, in one line. */
  readonly title: string;
  readonly profile: LoadProfile<Data>;
  /** The number of responses of a complete run, over all steps. */
  readonly responsesExpected: number;
  /** Facts that the report contains besides the figures. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** The kinds of responses, in the order of the report. A response of no kind is an error. */
  readonly responses: readonly ResponseKind<Data>[];
  readonly latencies: readonly LatencyLine<Data>[];
  readonly audit: { readonly name: string; readonly scope: AuditScope };
  /** Compares the responses with the expected outcome and with the database, after the measurement. */
  check(history: History<Data>, stored: StoredData): Promise<readonly Check[]>;
}

export interface ResponseKind<Data> {
  readonly name: string;
  readonly includes: (outcome: Outcome<Data>) => boolean;
  /** The rate from `from` until the last response of this kind, and its text. */
  readonly rate?: { readonly from: 'START' | 'FIRST_OF_THEM'; readonly text: string };
  /** A note that is shown when there are responses of this kind. */
  readonly note?: string;
}

export interface LatencyLine<Data> {
  readonly name: string;
  readonly includes: (outcome: Outcome<Data>) => boolean;
  readonly ms: (outcome: Outcome<Data>) => number;
}

/** Time since t0: the wait of a user, including the queue before the connections. */
export const sinceStart = ({ respondedMs }: Outcome<unknown>): number => respondedMs;
/** Time since the request was sent: the duration of the server. */
export const sinceSent = ({ respondedMs, sentMs }: Outcome<unknown>): number => respondedMs - sentMs;

/** The input for preparing a rush. */
export interface RushContext {
  readonly system: RunningSystem;
  readonly tokens: AccessTokens;
  readonly connections: number;
  readonly nowMs: number;
  /** Different in every run, so that no run has users of an earlier one. */
  readonly firstUser: bigint;
  /** Reports progress of the preparation. */
  readonly say: (what: string) => void;
}
