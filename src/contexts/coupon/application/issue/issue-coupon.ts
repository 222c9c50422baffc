import { type Batcher, createBatcher } from '../../../../platform/batching/batcher.ts';
import type { StoreBatcherDeps } from '../../../../platform/batching/command-batcher.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce, outcomeOf, Replay } from '../../../../platform/kernel/command-key.ts';
import { endOfTurn } from '../../../../platform/kernel/end-of-turn.ts';
import { type IdSource, reserveIds } from '../../../../platform/kernel/ids.ts';
import { recentRequests } from '../../../../platform/kernel/recent-requests.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { IssueCouponRequest } from '../../api.ts';
import { type IssueCouponResponse, stored } from '../../api.ts';
import {
  decideIssues,
  type IssuablePolicy,
  type IssueCommand,
  type IssueOutcome,
  type IssueSnapshot,
} from '../../domain/issue/issue.ts';
import { refuse } from '../../refusals.ts';
import { CONCURRENCY_MAX, type IssuePaths, issuePaths } from './issue-paths.ts';
import { toIssuedCouponView } from './issued-coupon-view.ts';
import type { IssueStore, KeyedIssueCommand } from './ports.ts';
import { HOLDERS_MAX, type RefusalCache } from './refusal-cache.ts';
import { type ResultLookup, replayOr } from './result-lookup.ts';

export interface IssueDeps extends StoreBatcherDeps<IssueStore> {
  readonly refusalCache: RefusalCache;
  readonly resultLookup: Pick<ResultLookup, 'find'>;
  readonly clock: Clock;
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

interface QueuedCommand extends KeyedIssueCommand {
  readonly arrivedAtMs: number;
  /** This command refreshes the cached facts by which others are refused meanwhile, so the cache may not refuse it. */
  readonly isRefresh: boolean;
}

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
  const { refusalCache, clock, storeFor } = deps;
  const store = storeFor('coupon.issue', CONCURRENCY_MAX);
  const bulkStore = storeFor('coupon.issue-bulk', 1);
  const paths = issuePaths(refusalCache);
  const recent = recentRequests<string>();
  const loading = new Map<bigint, Promise<void>>();
  const batcher: Batcher<QueuedCommand, IssueOutcome | Replay> = createBatcher({
    ...deps,
    name: 'coupon.issue',
    concurrency: paths.concurrency,
    execute: (batch) => executeBatch({ ...deps, store, paths }, batch, loadHolders, recordRequest),
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

  /** Loads the holders of a closed policy, so that repeats of successful users are refused with their coupon's id. */
  function loadHolders(policyId: bigint): void {
    if (loading.has(policyId) || !refusalCache.needsHolders(policyId, clock())) return;
    const readAtMs = clock();
    const load = store
      .holders(policyId, HOLDERS_MAX)
      .then((all) => all && refusalCache.recordAllHolders(all.policy, all.first, readAtMs))
      .then(() => undefined, deps.onError)
      .finally(() => loading.delete(policyId));
    loading.set(policyId, load);
  }

  function recordRequest(command: IssueCommand): void {
    // Redeeming codes is limited at the edge: two different codes within a second are legitimate.
    if (deps.limited && command.issueMethod === 'CUSTOMER') recent.add(requestKey(command), clock());
  }

  function issueOnce({
    policyId,
    userId,
    issueMethod,
    code,
    eventId,
    idempotency,
  }: KeyedIssueCommand): Promise<IssueOutcome | Replay> {
    const arrivedAtMs = clock();
    const cached = refusalCache.check(policyId, userId, issueMethod, arrivedAtMs);
    const isRefresh = cached === 'refresh';
    // A command that the cache refuses may have had its effect earlier, with the same key.
    if (cached && !isRefresh)
      return idempotency ? replayOr(deps.resultLookup, idempotency.commandKey, cached) : endOfTurn(cached);
    if (!isRefresh && deps.limited && recent.has(requestKey({ policyId, userId }), arrivedAtMs))
      return idempotency
        ? replayOr(deps.resultLookup, idempotency.commandKey, RATE_LIMITED)
        : Promise.resolve(RATE_LIMITED);
    const submitted = batcher.submit({
      policyId,
      userId,
      issueMethod,
      code,
      eventId,
      idempotency,
      arrivedAtMs,
      isRefresh,
    });
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
      await Promise.all(loading.values());
    },
  };
}

async function executeBatch(
  { store, paths, refusalCache, clock, nextId }: IssueDeps & { readonly store: IssueStore; readonly paths: IssuePaths },
  batch: readonly QueuedCommand[],
  loadHolders: (policyId: bigint) => void,
  recordRequest: (command: IssueCommand) => void,
): Promise<readonly (IssueOutcome | Replay)[]> {
  const readAtMs = clock();
  // Facts that were cached while these commands were queued: a sold-out policy empties a long queue without PostgreSQL.
  const rechecked = batch.map(({ policyId, userId, issueMethod, arrivedAtMs, isRefresh, idempotency }) =>
    !isRefresh && !idempotency && refusalCache.hasAllHolders(policyId)
      ? refusalCache.recheck(policyId, userId, issueMethod, readAtMs, arrivedAtMs)
      : undefined,
  );
  const open = batch.filter((_, index) => !rechecked[index]);
  if (open.length === 0) return rechecked as IssueOutcome[];
  const ids = reserveIds(nextId, open.length);
  const decide = (loaded: IssueSnapshot, nowMs: number, newCommands: readonly IssueCommand[]) =>
    decideIssues(loaded, newCommands, nowMs, ids);
  const { decision, snapshot, outcomes, path } = await store.issueBatch(open, decide, paths.choose(open));
  paths.record(path);

  for (const policy of snapshot.policies.values()) refusalCache.recordPolicy(policy, readAtMs);
  for (const policy of decision.changed) refusalCache.recordPolicy(policy, readAtMs);
  outcomes.forEach((outcome, index) => {
    if (outcome instanceof Replay) return;
    const command = open[index] as IssueCommand;
    const policy = snapshot.policies.get(command.policyId);
    // Nothing was cached that would refuse this user's next request, so the rate limit has to.
    if (!rememberHolder(refusalCache, command, outcome, policy)) recordRequest(command);
  });
  for (const policyId of snapshot.policies.keys()) loadHolders(policyId);

  if (open.length === batch.length) return outcomes;
  const decided = outcomes[Symbol.iterator]();
  return rechecked.map((outcome) => outcome ?? (decided.next().value as IssueOutcome | Replay));
}

/**
 * Caches what the outcome says about the user. Returns false when it cached nothing, so that only facts about the
 * policy can refuse the user's next request.
 */
function rememberHolder(
  refusalCache: RefusalCache,
  { policyId, userId, code }: IssueCommand,
  outcome: IssueOutcome,
  policy: IssuablePolicy | undefined,
): boolean {
  if (policy?.maxIssuePerUser !== 1) return false;
  if (outcome.kind === 'issued') {
    refusalCache.recordHolder(policyId, userId, outcome.coupon, policy.refusalEpoch);
    return true;
  }
  if (outcome.refusal.code !== 'COUPON_ALREADY_ISSUED') return refusalCache.hasAllHolders(policyId);
  // The coupon of a code may have been withdrawn since: the refusal names it, but it need not count.
  if (code !== undefined) return false;
  const { couponId, sequenceNo } = outcome.refusal.details;
  const first = { couponId: BigInt(couponId ?? 0), sequenceNo: Number(sequenceNo) };
  refusalCache.recordHolder(policyId, userId, first, policy.refusalEpoch);
  return true;
}

const requestKey = ({ policyId, userId }: Pick<IssueCommand, 'policyId' | 'userId'>): string => `${policyId}:${userId}`;

const RATE_LIMITED: IssueOutcome = { kind: 'refused', refusal: refuse('RATE_LIMITED', { retryAfterSeconds: '1' }) };

function toResponse(outcome: IssueOutcome): IssueCouponResponse {
  if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal);
  return { outcome: { $case: 'coupon', value: toIssuedCouponView(outcome.coupon) } };
}

const RESPONDING = { type: stored.IssueCouponResponse, refused: toRefusalResponse, respond: toResponse };
