import { Replay } from '../../../../platform/kernel/command-key.ts';
import { type IdSource, reserveIds } from '../../../../platform/kernel/ids.ts';
import type { Moment } from '../../../../platform/kernel/moment.ts';
import {
  decideIssues,
  type IssuablePolicy,
  type IssueCommand,
  type IssueOutcome,
  type IssueSnapshot,
} from '../../domain/issue/issue.ts';
import type { AskGate } from './issue-gate.ts';
import type { IssuePaths } from './issue-paths.ts';
import type { HolderLoader } from './load-holders.ts';
import type { IssueStore, KeyedIssueCommand } from './ports.ts';
import type { RefusalCache } from './refusal-cache.ts';

export interface IssueBatchDeps {
  readonly store: IssueStore;
  readonly paths: IssuePaths;
  readonly holders: Pick<HolderLoader, 'load'>;
  readonly refusalCache: RefusalCache;
  /** Undefined: nodes share no facts. */
  readonly askGate?: AskGate | undefined;
  readonly now: () => Moment;
  readonly nextId: IdSource;
}

export interface QueuedCommand extends KeyedIssueCommand {
  /** By the monotonic clock. */
  readonly arrivedAtMs: number;
  /** This command refreshes the cached facts by which others are refused meanwhile, so the cache may not refuse it. */
  readonly isRefresh: boolean;
}

/**
 * Issues a batch, and caches what it read and wrote. Commands that facts cached meanwhile refuse do not reach the store. `recordRequest`
 * is called for each command about whose user nothing was cached. Returns an outcome for each command, in their order.
 */
export async function executeBatch(
  { store, paths, holders, refusalCache, askGate, now, nextId }: IssueBatchDeps,
  batch: readonly QueuedCommand[],
  recordRequest: (command: IssueCommand) => void,
): Promise<readonly (IssueOutcome | Replay)[]> {
  const readAt = now();
  // Facts that were cached while these commands were queued: a sold-out policy empties a long queue without PostgreSQL.
  const refused = new Map<QueuedCommand, IssueOutcome>();
  for (const command of batch) {
    const { policyId, userId, issueMethod, arrivedAtMs, isRefresh, idempotency } = command;
    if (isRefresh || idempotency || !refusalCache.hasAllHolders(policyId)) continue;
    const outcome = refusalCache.recheck(policyId, userId, issueMethod, readAt, arrivedAtMs);
    if (outcome) refused.set(command, outcome);
  }
  const isOpen = (command: QueuedCommand): boolean => !refused.has(command);
  const gated = await askGate?.(batch.filter(isOpen), readAt);
  for (const [command, outcome] of gated?.refused ?? []) {
    refused.set(command, outcome);
    recordRequest(command);
  }
  const open = batch.filter(isOpen);
  if (open.length === 0) return batch.map((command) => refused.get(command) as IssueOutcome);
  const ids = reserveIds(nextId, open.length);
  const decide = (loaded: IssueSnapshot, nowMs: number, newCommands: readonly IssueCommand[]) => {
    const decided = decideIssues(loaded, newCommands, nowMs, ids);
    paths.recordDecision(loaded.policies.values(), decided.changed);
    return decided;
  };
  const { decision, snapshot, outcomes, path } = await store.issueBatch(open, decide, paths.choose(open));
  paths.record(path);

  for (const policy of snapshot.policies.values()) refusalCache.recordPolicy(policy, readAt.steadyMs);
  for (const policy of decision.changed) refusalCache.recordPolicy(policy, readAt.steadyMs);
  outcomes.forEach((outcome, index) => {
    if (outcome instanceof Replay) return;
    const command = open[index] as IssueCommand;
    const policy = snapshot.policies.get(command.policyId);
    // Nothing was cached that would refuse this user's next request, so the rate limit has to.
    if (!rememberHolder(refusalCache, command, outcome, policy)) recordRequest(command);
  });
  for (const policyId of snapshot.policies.keys()) holders.load(policyId);
  gated?.share(
    new Map([...snapshot.policies, ...decision.changed.map((policy) => [policy.id, policy] as const)]).values(),
  );

  if (open.length === batch.length) return outcomes;
  const decided = outcomes[Symbol.iterator]();
  return batch.map((command) => refused.get(command) ?? (decided.next().value as IssueOutcome | Replay));
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
  if (outcome.named === undefined) return refusalCache.hasAllHolders(policyId);
  // The coupon of a code may have been withdrawn since: the refusal names it, but it need not count.
  if (code !== undefined) return false;
  refusalCache.recordHolder(policyId, userId, outcome.named, policy.refusalEpoch);
  return true;
}
