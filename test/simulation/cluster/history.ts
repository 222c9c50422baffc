import { ISSUABLE_POLICY } from '../../../src/contexts/coupon/adapters/postgres/issue/issue-mappings.ts';
import { closedRefusal, type IssuablePolicy } from '../../../src/contexts/coupon/domain/issue/issue.ts';
import type { Kernel } from '../kernel.ts';
import type { Row, Tables } from './tables.ts';

/** A coupon that counts from its issue until it is withdrawn. */
interface Held {
  readonly userId: bigint;
  readonly couponId: bigint;
  readonly sequenceNo: number;
  readonly fromMs: number;
  untilMs: number;
}

interface PolicyHistory {
  readonly states: { readonly fromMs: number; readonly row: Row; readonly policy: IssuablePolicy }[];
  readonly held: Map<bigint, Held>;
}

/** What was committed when, as seen from outside. Looks at rows and at nothing that caches or decides. */
export interface History {
  /** To be called after each commit. */
  record(tables: Tables): void;
  /** Was a user without a coupon refused with this code at some moment from `fromMs` to now? */
  wasClosed(policyId: bigint, userId: bigint, code: string, fromMs: number): boolean;
  /** Did the user hold this coupon, and as many as the policy allows, at some moment from `fromMs` to now? */
  wasHeld(policyId: bigint, userId: bigint, couponId: bigint, sequenceNo: number, fromMs: number): boolean;
}

/** Windows are compared with the time that a node estimates. */
const WINDOW_ERROR_MS = 2_000;

export function openHistory({ clock, say }: Pick<Kernel, 'clock' | 'say'>): History {
  const policies = new Map<bigint, PolicyHistory>();

  function historyOf(policyId: bigint): PolicyHistory {
    const known = policies.get(policyId);
    if (known) return known;
    const made = { states: [], held: new Map() };
    policies.set(policyId, made);
    return made;
  }

  const stateAt = ({ states }: PolicyHistory, atMs: number) => states.findLast((state) => state.fromMs <= atMs);

  function momentsOf({ states, held }: PolicyHistory, fromMs: number): number[] {
    const changes = [
      ...states.map((state) => state.fromMs),
      ...[...held.values()].flatMap((each) => [each.fromMs, each.untilMs]),
    ];
    return [fromMs, ...changes.filter((atMs) => atMs > fromMs && atMs <= clock())];
  }

  return {
    record(tables) {
      const nowMs = clock();
      for (const [id, row] of tables.policies) {
        const { states } = historyOf(id);
        if (states.at(-1)?.row !== row) states.push({ fromMs: nowMs, row, policy: ISSUABLE_POLICY.read(row) });
      }
      for (const [couponId, row] of tables.coupons) {
        const { held } = historyOf(row['policy_id'] as bigint);
        const known = held.get(couponId);
        const counts = row['slot'] !== null;
        if (known && !counts && nowMs < known.untilMs) {
          known.untilMs = nowMs;
          say('postgres', () => `commits that coupon ${couponId} is withdrawn`);
        }
        if (known || !counts) continue;
        const { user_id: userId, sequence_no: sequenceNo } = row as { user_id: bigint; sequence_no: number };
        say('postgres', () => `commits coupon ${couponId}, number ${sequenceNo}, for user ${userId}`);
        held.set(couponId, { userId, couponId, sequenceNo, fromMs: nowMs, untilMs: Number.POSITIVE_INFINITY });
      }
    },
    wasClosed(policyId, userId, code, fromMs) {
      const history = historyOf(policyId);
      const own = [...history.held.values()].filter((each) => each.userId === userId);
      return momentsOf(history, fromMs).some((atMs) => {
        const policy = stateAt(history, atMs)?.policy;
        if (
          !policy ||
          own.filter((each) => each.fromMs <= atMs && atMs < each.untilMs).length >= policy.maxIssuePerUser
        )
          return false;
        return [0, -WINDOW_ERROR_MS, WINDOW_ERROR_MS].some((errorMs) => {
          const closed = closedRefusal(policy, atMs + errorMs);
          return closed?.kind === 'refused' && closed.refusal.code === code;
        });
      });
    },
    wasHeld(policyId, userId, couponId, sequenceNo, fromMs) {
      const history = historyOf(policyId);
      const own = [...history.held.values()].filter((each) => each.userId === userId);
      return momentsOf(history, fromMs).some((atMs) => {
        const limit = stateAt(history, atMs)?.policy.maxIssuePerUser ?? 1;
        // Until the very moment: the coupon that a withdrawal ends was still there when its commit began.
        const held = own.filter((each) => each.fromMs <= atMs && atMs <= each.untilMs);
        return (
          held.length >= limit && held.some((each) => each.couponId === couponId && each.sequenceNo === sequenceNo)
        );
      });
    },
  };
}
