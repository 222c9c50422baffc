import { createLane, type Lane } from '../../../platform/batching/lane.ts';
import type { Failure, LaneObserver } from '../../../platform/batching/lane-observer.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { IssueCouponRequest, IssueCouponResponse } from '../api.ts';
import { decideIssues, type IssuablePolicy, type IssueCommand, type IssueOutcome } from '../domain/issue.ts';
import { askedLately } from './asked-lately.ts';
import { issuedCoupon } from './issued-coupon.ts';
import { HOLDERS_MAX, type KnownRefusals } from './known-refusals.ts';
import type { IssueStore } from './ports.ts';

export interface IssueDeps {
  readonly store: IssueStore;
  readonly known: KnownRefusals;
  readonly clock: Clock;
  readonly nextId: IdSource;
  readonly classify: (error: unknown) => Failure;
  readonly observer: LaneObserver;
  readonly groupMax: number;
  /** Is a user held to one request a second where memory cannot refuse them? */
  readonly limited: boolean;
  /** Hears of failures that nobody waits for. */
  readonly onError: (error: unknown) => void;
}

/**
 * The next group waits for the policy's lock inside PostgreSQL while this node still writes the answers of the one before:
 * 10 to 30 % more at 64 and 512 connections than one group at a time; a third one gains nothing.
 */
const FLIGHTS_MAX = 2;

interface QueuedCommand extends IssueCommand {
  readonly arrivedAtMs: number;
  /** Others are refused from memory because this one reads the facts again: memory must not answer it. */
  readonly readsAgain: boolean;
}

/** Issues coupons: refuses from memory what is known to be refused, and groups the rest. */
export function issuing(deps: IssueDeps) {
  const { known, clock } = deps;
  const lately = askedLately();
  const loading = new Map<bigint, Promise<void>>();
  const lane: Lane<QueuedCommand, IssueOutcome> = createLane({
    name: 'coupon.issue',
    groupMax: deps.groupMax,
    flightsMax: FLIGHTS_MAX,
    classify: deps.classify,
    observer: deps.observer,
    execute: (group) => executeGroup(deps, group, learnHolders, noteAsker),
  });

  /** Once a policy is closed its holders are loaded, so that winners who ask again still hear of their coupon. */
  function learnHolders(policyId: bigint): void {
    if (loading.has(policyId) || !known.wantsHolders(policyId, clock())) return;
    const readAtMs = clock();
    const load = deps.store
      .holders(policyId, HOLDERS_MAX)
      .then((all) => all && known.sawAllHolders(all.policy, all.first, readAtMs))
      .then(() => undefined, deps.onError)
      .finally(() => loading.delete(policyId));
    loading.set(policyId, load);
  }

  function noteAsker(command: IssueCommand): void {
    if (deps.limited) lately.add(command.policyId, command.userId, clock());
  }

  return {
    issueCoupon({ policyId, userId }: IssueCouponRequest): Promise<IssueCouponResponse> {
      const arrivedAtMs = clock();
      const met = known.meet(policyId, userId, arrivedAtMs);
      const readsAgain = met === 'read again';
      if (met && !readsAgain) return endOfTurn().then(() => toResponse(met));
      if (!readsAgain && deps.limited && lately.has(policyId, userId, arrivedAtMs)) return Promise.resolve(TOO_OFTEN);
      return lane.submit({ policyId, userId, arrivedAtMs, readsAgain }).then(toResponse);
    },
    async stop(): Promise<void> {
      await lane.drain();
      await Promise.all(loading.values());
    },
  };
}

let turn: Promise<void> | undefined;

/**
 * Resolves when what has arrived by now is read. Refusals are answered together then, as a group's coupons are: written one by
 * one, each wakes the peer, which costs more than the refusal itself (8,100 against 16,900 refusals/s, 512 connections).
 */
function endOfTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}

async function executeGroup(
  { store, known, clock, nextId }: IssueDeps,
  group: readonly QueuedCommand[],
  learnHolders: (policyId: bigint) => void,
  noteAsker: (command: IssueCommand) => void,
): Promise<readonly IssueOutcome[]> {
  const readAtMs = clock();
  // What was learned while these commands were queued: a sold-out policy empties a long queue without PostgreSQL.
  const recalled = group.map(({ policyId, userId, arrivedAtMs, readsAgain }) =>
    !readsAgain && known.knowsAllHolders(policyId) ? known.recall(policyId, userId, readAtMs, arrivedAtMs) : undefined,
  );
  const open = group.filter((_, index) => !recalled[index]);
  if (open.length === 0) return recalled as IssueOutcome[];
  const { decision, snapshot } = await store.issueGroup(open, (seen) => decideIssues(seen, open, clock(), nextId));

  for (const policy of snapshot.policies.values()) known.sawPolicy(policy, readAtMs);
  for (const policy of decision.changed) known.sawPolicy(policy, readAtMs);
  decision.outcomes.forEach((outcome, index) => {
    const command = open[index] as IssueCommand;
    const policy = snapshot.policies.get(command.policyId);
    // Leaves nothing to refuse the next request of this user by: that one would go to PostgreSQL again.
    if (!remember(known, command, outcome, policy)) noteAsker(command);
  });
  for (const policyId of snapshot.policies.keys()) learnHolders(policyId);

  if (open.length === group.length) return decision.outcomes;
  const decided = decision.outcomes[Symbol.iterator]();
  return recalled.map((outcome) => outcome ?? (decided.next().value as IssueOutcome));
}

/** Keeps what the outcome says of the user. False: nothing, so only the policy's own facts may refuse them next time. */
function remember(
  known: KnownRefusals,
  { policyId, userId }: IssueCommand,
  outcome: IssueOutcome,
  policy: IssuablePolicy | undefined,
): boolean {
  if (policy?.maxIssuePerUser !== 1) return false;
  if (outcome.kind === 'issued') {
    known.sawHolder(policyId, userId, outcome.coupon, policy.refusalEpoch);
    return true;
  }
  if (outcome.refusal.code !== 'COUPON_ALREADY_ISSUED') return known.knowsAllHolders(policyId);
  const { couponId, sequenceNo } = outcome.refusal.details;
  const first = { couponId: BigInt(couponId ?? 0), sequenceNo: Number(sequenceNo) };
  known.sawHolder(policyId, userId, first, policy.refusalEpoch);
  return true;
}

const TOO_OFTEN: IssueCouponResponse = {
  outcome: { $case: 'refusal', value: refuse('RATE_LIMITED', { retryAfterSeconds: '1' }) },
};

function toResponse(outcome: IssueOutcome): IssueCouponResponse {
  if (outcome.kind === 'refused') return { outcome: { $case: 'refusal', value: outcome.refusal } };
  return { outcome: { $case: 'coupon', value: issuedCoupon(outcome.coupon) } };
}
