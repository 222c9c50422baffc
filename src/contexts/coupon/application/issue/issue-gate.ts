import { LRUCache } from 'lru-cache';
import type { Moment } from '../../../../platform/kernel/moment.ts';
import {
  closedRefusal,
  type IssuablePolicy,
  type IssueOutcome,
  limitReached,
  methodMismatch,
} from '../../domain/issue/issue.ts';
import { refuse } from '../../refusals.ts';
import type { GateReading, IssueGate, KeyedIssueCommand } from './ports.ts';
import type { RefusalCache } from './refusal-cache.ts';

/** Policies whose holders this node has shared. */
const SHARED_MAX = 1_000;

interface GatedCommand extends KeyedIssueCommand {
  readonly isRefresh: boolean;
}

/** What the gate said before a batch reads PostgreSQL. */
export interface GatedBatch<Command> {
  /** The outcomes of commands that need not reach PostgreSQL. */
  readonly refused: ReadonlyMap<Command, IssueOutcome>;
  /** Shares what the batch has read. Returns at once. */
  share(policies: Iterable<IssuablePolicy>): void;
}

export type AskGate = <Command extends GatedCommand>(
  commands: readonly Command[],
  readAt: Moment,
) => Promise<GatedBatch<Command>>;

/**
 * Reads the shared facts of policies of which this node has no fresh ones, because no request for their coupons came within the last second, and of those
 * that it refreshes, so that it may share them. Other requests for sold-out policies never get here: the node's memory refuses them.
 */
export function askGate(gate: IssueGate, refusalCache: Pick<RefusalCache, 'hasFresh' | 'holdersAt'>): AskGate {
  const sharedHolders = new LRUCache<bigint, string>({ max: SHARED_MAX });

  /** Of several commands the first one goes on: it brings this node facts of its own. */
  function refuseByFact<Command extends GatedCommand>(
    policyId: bigint,
    commands: readonly Command[],
    { soldOut }: GateReading,
    refused: Map<Command, IssueOutcome>,
  ): void {
    if (soldOut === undefined || performance.now() >= soldOut.trustedUntilMs) return;
    const ownHolders = refusalCache.holdersAt(policyId, soldOut);
    commands.forEach((command, index) => {
      if (index === 0 && commands.length > 1) return;
      const answer = ownHolders ? (ownHolders.get(command.userId) ?? 'SOLD_OUT') : soldOut.answers[index];
      if (answer === undefined || answer === 'GO_ON') return;
      refused.set(command, answer === 'SOLD_OUT' ? SOLD_OUT : limitReached(ONE_EACH, answer));
    });
  }

  async function sharePolicy(policy: IssuablePolicy, { at }: GateReading, readAtMs: number): Promise<void> {
    if (policy.maxIssuePerUser !== 1 || !isSoldOut(policy, readAtMs)) return;
    // Facts refuse requests of customers, whose refusal by the other types of policy is another one.
    if (methodMismatch(policy, 'CUSTOMER')) return;
    const fact = { policy, at, readAtMs };
    if ((await gate.record(fact)) !== 'incomplete') return;
    const holders = refusalCache.holdersAt(policy.id, policy);
    const state = `${policy.refusalEpoch} ${policy.lastSequenceNo}`;
    // Once: storing them again after each idle second would cost more than it saves.
    if (holders === undefined || holders.size > gate.holdersMax || sharedHolders.get(policy.id) === state) return;
    sharedHolders.set(policy.id, state);
    await gate.record({ ...fact, holders });
  }

  return async <Command extends GatedCommand>(commands: readonly Command[], { atMs: readAtMs, steadyMs }: Moment) => {
    const asked = new Map<bigint, Command[]>();
    for (const command of commands) {
      const { policyId, issueMethod, idempotency, isRefresh } = command;
      if (isRefresh && !asked.has(policyId)) asked.set(policyId, []);
      // A command with a key may have had its effect earlier.
      if (isRefresh || issueMethod !== 'CUSTOMER' || idempotency || refusalCache.hasFresh(policyId, steadyMs)) continue;
      const others = asked.get(policyId);
      if (others) others.push(command);
      else asked.set(policyId, [command]);
    }
    const readings = new Map<bigint, GateReading>();
    await Promise.all(
      [...asked].map(async ([policyId, waiting]) => {
        const reading = await gate.read(
          policyId,
          waiting.map(({ userId }) => userId),
          readAtMs,
        );
        if (reading) readings.set(policyId, reading);
      }),
    );
    const refused = new Map<Command, IssueOutcome>();
    for (const [policyId, reading] of readings) refuseByFact(policyId, asked.get(policyId) ?? [], reading, refused);
    return {
      refused,
      share(policies) {
        for (const policy of policies) {
          const reading = readings.get(policy.id);
          if (reading) void sharePolicy(policy, reading, readAtMs);
        }
      },
    };
  };
}

const SOLD_OUT: IssueOutcome = { kind: 'refused', refusal: refuse('COUPON_SOLD_OUT') };
/** Holders are known only of policies with one coupon for each user. */
const ONE_EACH = { maxIssuePerUser: 1 };

function isSoldOut(policy: IssuablePolicy, nowMs: number): boolean {
  const closed = closedRefusal(policy, nowMs);
  return closed?.kind === 'refused' && closed.refusal.code === 'COUPON_SOLD_OUT';
}
