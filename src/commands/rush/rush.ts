import type { AuditScope } from '../../platform/context.ts';
import type { AccessTokens } from '../../platform/http/access-token.ts';
import type { Check } from './check.ts';
import type { Crowd } from './crowd.ts';
import type { RunningSystem } from './find-system.ts';
import type { History, Outcome } from './history.ts';

/** One kind of rush, prepared on a running system: what everybody will ask for, and what must be so afterwards. */
export interface Rush<Told> {
  /** Who asks for what, in one line. */
  readonly title: string;
  readonly crowd: Crowd<Told>;
  /** Answers when all goes well: those of every step. */
  readonly answersDue: number;
  /** What the report names besides the figures. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** How answers are told apart, in the order in which they are shown. What is none of them is an error. */
  readonly answers: readonly AnswerKind<Told>[];
  readonly latencies: readonly LatencyLine<Told>[];
  readonly audit: { readonly name: string; readonly scope: AuditScope };
  /** Compares what was told with what must be, and with the database, past everything that was measured. */
  check(history: History<Told>, databaseUrl: string): Promise<readonly Check[]>;
}

export interface AnswerKind<Told> {
  readonly name: string;
  readonly includes: (outcome: Outcome<Told>) => boolean;
  /** How many a second, since `from` until the last of them, and in which words. */
  readonly rate?: { readonly from: 'START' | 'FIRST_OF_THEM'; readonly text: string };
  /** Said when there are any. */
  readonly note?: string;
}

export interface LatencyLine<Told> {
  readonly name: string;
  readonly includes: (outcome: Outcome<Told>) => boolean;
  readonly ms: (outcome: Outcome<Told>) => number;
}

/** Since t0, when everybody meant to ask: what a user waited, the queue in front of the connections included. */
export const sinceStart = ({ answeredMs }: Outcome<unknown>): number => answeredMs;
/** Since the request left: what the server took. */
export const sinceSent = ({ answeredMs, sentMs }: Outcome<unknown>): number => answeredMs - sentMs;

/** What a rush of any kind is prepared with. */
export interface RushGround {
  readonly system: RunningSystem;
  readonly tokens: AccessTokens;
  readonly connections: number;
  readonly nowMs: number;
  /** Other users in every run, so that no run meets what an earlier one left. */
  readonly firstUser: bigint;
  /** Says what is being prepared. */
  readonly say: (what: string) => void;
}
