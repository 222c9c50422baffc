import { LRUCache } from 'lru-cache';
import type { IssuablePolicy, IssueCommand } from '../../domain/issue/issue.ts';
import type { IssuePath } from './ports.ts';
import type { RefusalCache } from './refusal-cache.ts';

/**
 * The next batch waits for the policy's lock in PostgreSQL while this node sends the responses of the previous one: 10
 * to 30 % more throughput at 64 and 512 connections than one batch at a time. A third batch gains nothing.
 */
export const CONCURRENCY_MAX = 2;
/** A batch costs 2.8 ms of CPU of this process and PostgreSQL, and each of its commands 0.07 ms (ADR 60). */
const COLLECT_MAX_MS = 5;
/** Where all nodes together issue fewer coupons, there are too few requests to wait for. */
const COLLECT_SIZE_MIN = 16;
/** Policies whose last number of this node is known. */
const POLICIES_MAX = 1_000;

/** Chooses the path of each batch of a batcher, and how many of its batches run at the same time. */
export interface IssuePaths {
  /** The path to try first. */
  choose(batch: readonly IssueCommand[]): IssuePath;
  /** Records the path that the last committed batch took. */
  record(path: IssuePath): void;
  /** Records what a batch was decided on and its result, before it commits. */
  recordDecision(loaded: Iterable<IssuablePolicy>, changed: Iterable<IssuablePolicy>): void;
  concurrency(): number;
  /**
   * How long the next batch collects commands. While other nodes issue the same policies, each node has a part of the requests, and with batches as
   * frequent as those of one node all would pay the fixed cost of small ones.
   */
  collectMs(size: number, tookMs: number): number;
}

export function issuePaths(refusalCache: Pick<RefusalCache, 'isHolder'>): IssuePaths {
  let last: IssuePath = 'locked';
  /** The last number that this node has assigned, by policy. Of a batch that was rolled back, too. */
  const ownLast = new LRUCache<bigint, number>({ max: POLICIES_MAX });
  /** How many coupons other nodes had issued of the last batch's policies since the batch before it. */
  let ofOthers = 0;
  return {
    // The unique index would reject the statement of a batch with a holder.
    choose: (batch) =>
      batch.some(({ policyId, userId }) => refusalCache.isHolder(policyId, userId)) ? 'locked' : 'optimistic',
    record(path) {
      last = path;
    },
    recordDecision(loaded, changed) {
      ofOthers = 0;
      for (const { id, lastSequenceNo } of loaded)
        ofOthers += Math.max(0, lastSequenceNo - (ownLast.get(id) ?? lastSequenceNo));
      for (const { id, lastSequenceNo } of changed) ownLast.set(id, lastSequenceNo);
    },
    // A second optimistic batch would decide on a state that the first is about to change. Where nodes share a policy, another node's
    // batch uses PostgreSQL while this node sends responses.
    concurrency: () => (last === 'optimistic' || ofOthers > 0 ? 1 : CONCURRENCY_MAX),
    collectMs: (size, tookMs) =>
      ofOthers > 0 && size + ofOthers >= COLLECT_SIZE_MIN ? Math.min(tookMs, COLLECT_MAX_MS) : 0,
  };
}
