import { Counter, type Registry } from 'prom-client';
import { readBundled } from '../../bundled-file.ts';
import { TRUST_MS } from '../../kernel/cached-fact.ts';
import type { Redis } from '../redis.ts';
import { scriptOf } from '../script.ts';

/** More members than these are not shared: storing them holds Redis up for milliseconds. */
export const MEMBERS_MAX = 10_000;
/** For what no request waits for. */
const BACKGROUND_MS = 500;

/** What a fact is about: the keys of a policy or a time sale. Several have one hash tag. */
export interface FactKeys {
  readonly fact: string;
  /** Absent: the fact has no members. It is read and recorded without any. */
  readonly members?: string;
}

/** The state of a row that refuses its requests. A later state has a higher epoch, or the same one and a higher sequence number. */
export interface FactState {
  readonly epoch: number;
  readonly sequence: number;
}

/** What Redis says about a request: go on, sold out, or the value of a member that has something already. */
export type FactAnswer = 1 | -1 | string;

export interface FactReading {
  /** The time of Redis before the facts are read in PostgreSQL. A fact that is stored with it expires a second later. */
  readonly at: number;
  /** Present when requests may be refused by a committed fact. */
  readonly fact:
    | (FactState & {
        /** By performance.now(). */
        readonly trustedUntilMs: number;
        /** In the order of the members. */
        readonly answers: readonly FactAnswer[];
      })
    | undefined;
}

export interface RecordedFact extends FactState {
  /** Of the reading that preceded the statement that read this. */
  readonly at: number;
  /** The time of the database when that statement was sent, as this node estimates it. */
  readonly readAtMs: number;
  /** The fact ends then, in ms of the database. */
  readonly untilMs: number;
}

/**
 * Facts that a node read from PostgreSQL less than a second ago, by which other nodes refuse. They grant nothing, and a node that gets none goes on with
 * PostgreSQL (ADR 57).
 */
export interface SharedFacts {
  /** Undefined: Redis gave no result in time. `nowMs`: of the database. */
  read(keys: FactKeys, members: readonly bigint[], nowMs: number): Promise<FactReading | undefined>;
  /**
   * Stores a fact unless a newer one is there. Returns whether Redis has all members now; undefined when the fact was not stored. `members`: all of them
   * with their values, if the caller lists them.
   */
  record(
    keys: FactKeys,
    fact: RecordedFact,
    members?: Iterable<readonly [bigint, string]>,
  ): Promise<'complete' | 'incomplete' | undefined>;
  forget(keys: FactKeys): Promise<void>;
}

/** `trustMs`: for how long after its reading a fact refuses; tests need not be in time for the default. */
export async function openSharedFacts(
  redis: Redis,
  metrics: Registry,
  trustMs: number = TRUST_MS,
): Promise<SharedFacts> {
  const scriptIn = async (file: string) => scriptOf(await readBundled(`platform/redis/facts/${file}.lua`));
  const [read, record, forget] = [
    await scriptIn('read-fact'),
    await scriptIn('record-fact'),
    await scriptIn('forget-fact'),
  ];
  const readings = new Counter({
    name: 'stampede_redis_facts_total',
    help: 'Readings of facts that nodes share, by whether there was one',
    labelNames: ['result'],
    registers: [metrics],
  });
  const trust = String(trustMs);
  const keysOf = ({ fact, members }: FactKeys): readonly string[] => (members === undefined ? [fact] : [fact, members]);
  return {
    async read(keys, members, nowMs) {
      const sentAtMs = performance.now();
      const args = [trust, String(Math.ceil(nowMs)), ...members.map(String)];
      const reply = (await redis.run(read, keysOf(keys), args)) as readonly [number, ...FactAnswer[]] | undefined;
      if (reply === undefined) return undefined;
      const [at, leftMs, epoch, sequence, ...answers] = reply;
      readings.inc({ result: leftMs === undefined ? 'missing' : 'found' });
      if (leftMs === undefined) return { at, fact: undefined };
      const trustedUntilMs = sentAtMs + Number(leftMs);
      return { at, fact: { epoch: Number(epoch), sequence: Number(sequence), trustedUntilMs, answers } };
    },
    async record(keys, { at, readAtMs, epoch, sequence, untilMs }, members = []) {
      const numbers = [at, Math.floor(readAtMs), epoch, sequence, Math.floor(untilMs)];
      const values = [...members].flatMap(([member, value]) => [String(member), value]);
      const args = [trust, ...numbers.map(String), ...values];
      const stored = await redis.run(record, keysOf(keys), args, BACKGROUND_MS);
      if (stored === 2) return 'complete';
      return stored === 1 ? 'incomplete' : undefined;
    },
    async forget(keys) {
      await redis.run(forget, keysOf(keys), [], BACKGROUND_MS);
    },
  };
}
