import { type Batcher, createBatcher } from '../../../../platform/batching/batcher.ts';
import type { StoreBatcherDeps } from '../../../../platform/batching/command-batcher.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce, outcomeOf, type Replay } from '../../../../platform/kernel/command-key.ts';
import { endOfTurn } from '../../../../platform/kernel/end-of-turn.ts';
import { type IdSource, reserveIds } from '../../../../platform/kernel/ids.ts';
import { type Monotonic, momentSource } from '../../../../platform/kernel/moment.ts';
import { recentRequests } from '../../../../platform/kernel/recent-requests.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type IssueCouponRequest, type IssueCouponResponse, stored } from '../../api.ts';
import { decideIssues, type IssueCommand, type IssueOutcome, type IssueSnapshot } from '../../domain/issue/issue.ts';
import { refuse } from '../../refusals.ts';
import { executeBatch, type QueuedCommand } from './issue-batch.ts';
import { askGate } from './issue-gate.ts';
import { CONCURRENCY_MAX, issuePaths } from './issue-paths.ts';
import { toIssuedCouponView } from './issued-coupon-view.ts';
import { holderLoader } from './load-holders.ts';
import type { IssueGate, IssueStore, KeyedIssueCommand } from './ports.ts';
import type { RefusalCache } from './refusal-cache.ts';
import { type ResultLookup, replayOr } from './result-lookup.ts';

export interface IssueDeps extends StoreBatcherDeps<IssueStore> {
  readonly refusalCache: RefusalCache;
  /** Undefined: nodes share no facts. */
  readonly gate?: IssueGate | undefined;
  readonly resultLookup: Pick<ResultLookup, 'find'>;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly nextId: IdSource;
  /** Limits a user to one request a second for requests that the refusal cache cannot refuse. */
  readonly limited: boolean;
  /** Called with failures of background work. */
  readonly onError: (error: unknown) => void;
}

/**
 * For lists and events, where no caller waits for a single coupon. Larger batches cost PostgreSQL less for each
 * (bench/jobs/run.ts). The relay reads 64 batches at once, and a consumer queues at most 100,000 events.
 */
export const BULK_BATCH_MAX = 1_000;
/** Ten calls of the largest size. */
const BULK_QUEUE_MAX = 100_000;

export interface CouponIssuer {
  issueCoupon(request: IssueCouponRequest): Promise<IssueCouponResponse>;
  /** For a customer, with or without a code. Throws Unavailable. */
  issue(command: IssueCommand): Promise<IssueOutcome>;
  /** The same for a command that may have an idempotency key. */
  issueOnce(command: KeyedIssueCommand): Promise<IssueOutcome | Replay>;
  /**
   * For lists and events: uses a batcher of its own with larger batches, so that customers do not wait behind them.
   * Outcomes have the order of the commands. Throws Unavailable; then some may have been issued, and repeating the same
   * commands returns which.
   */
  issueAll(commands: readonly IssueCommand[]): Promise<readonly IssueOutcome[]>;
  stop(): Promise<void>;
}

/** Issues coupons: refuses from the cache what it can, and batches the rest. */
export function couponIssuer(deps: IssueDeps): CouponIssuer {
  const { refusalCache, clock, monotonic, storeFor } = deps;
  const now = momentSource(clock, monotonic);
  const store = storeFor('coupon.issue', CONCURRENCY_MAX);
  const bulkStore = storeFor('coupon.issue-bulk', 1);
  const paths = issuePaths(refusalCache);
  const recent = recentRequests<string>();
  const holders = holderLoader({ ...deps, store });
  const ask = deps.gate && askGate(deps.gate, refusalCache);
  const batcher: Batcher<QueuedCommand, IssueOutcome | Replay> = createBatcher({
    ...deps,
    name: 'coupon.issue',
    concurrency: paths.concurrency,
    collectMs: paths.collectMs,
    execute: (batch) => executeBatch({ ...deps, store, paths, holders, askGate: ask, now }, batch, recordRequest),
  });
  const bulk: Batcher<IssueCommand, IssueOutcome> = createBatcher({
    ...deps,
    name: 'coupon.issue-bulk',
    batchMax: BULK_BATCH_MAX,
    queueMax: BULK_QUEUE_MAX,
    execute: async (batch) => {
      const ids = reserveIds(deps.nextId, batch.length);
      const decide = (loaded: IssueSnapshot, nowMs: number) => decideIssues(loaded, batch, nowMs, ids);
      return (await bulkStore.issueBatch(batch, decide)).decision.outcomes;
    },
  });

  function recordRequest(command: IssueCommand): void {
    // Redeeming codes is limited at the edge: two different codes within a second are legitimate.
    if (deps.limited && command.issueMethod === 'CUSTOMER') recent.add(requestKey(command), clock());
  }

  function issueOnce(command: KeyedIssueCommand): Promise<IssueOutcome | Replay> {
    const { policyId, userId, issueMethod, idempotency } = command;
    const arrival = now();
    const arrivedAtMs = arrival.steadyMs;
    const cached = refusalCache.check(policyId, userId, issueMethod, arrival);
    const isRefresh = cached === 'refresh';
    // A command that the cache refuses may have had its effect earlier, with the same key.
    if (cached && !isRefresh)
      return idempotency ? replayOr(deps.resultLookup, idempotency.commandKey, cached) : endOfTurn(cached);
    if (!isRefresh && deps.limited && recent.has(requestKey({ policyId, userId }), arrival.atMs))
      return idempotency
        ? replayOr(deps.resultLookup, idempotency.commandKey, RATE_LIMITED)
        : Promise.resolve(RATE_LIMITED);
    const submitted = batcher.submit({ ...command, arrivedAtMs, isRefresh });
    return isRefresh ? submitted.finally(() => refusalCache.refreshEnded(policyId, arrivedAtMs)) : submitted;
  }

  return {
    issueCoupon: ({ policyId, userId, commandKey }) =>
      executeOnce(commandKey, RESPONDING, (idempotency) =>
        issueOnce({ policyId, userId, issueMethod: 'CUSTOMER', idempotency }),
      ),
    issue: (command) => issueOnce(command).then(outcomeOf),
    issueOnce,
    issueAll: (commands) => Promise.all(commands.map((command) => bulk.submit(command))),
    async stop() {
      await Promise.all([batcher.drain(), bulk.drain()]);
      await holders.stop();
    },
  };
}

const requestKey = ({ policyId, userId }: Pick<IssueCommand, 'policyId' | 'userId'>): string => `${policyId}:${userId}`;

const RATE_LIMITED: IssueOutcome = { kind: 'refused', refusal: refuse('RATE_LIMITED', { retryAfterSeconds: '1' }) };

function toResponse(outcome: IssueOutcome): IssueCouponResponse {
  if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal);
  return { outcome: { $case: 'coupon', value: toIssuedCouponView(outcome.coupon) } };
}

const RESPONDING = { type: stored.IssueCouponResponse, refused: toRefusalResponse, respond: toResponse };
