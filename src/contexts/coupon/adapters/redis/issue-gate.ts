import {
  type FactAnswer,
  type FactKeys,
  MEMBERS_MAX,
  type SharedFacts,
} from '../../../../platform/redis/facts/shared-facts.ts';
import type { GateAnswer, IssueGate } from '../../application/issue/ports.ts';
import type { NamedCoupon } from '../../domain/issue/issue.ts';

/** The gate in Redis: `coupon:stock:{policyId}` is the fact that a policy is sold out, `coupon:issued:{policyId}` maps its holders to their coupons. */
export function redisIssueGate(facts: SharedFacts): IssueGate {
  return {
    holdersMax: MEMBERS_MAX,
    async read(policyId, userIds, nowMs) {
      const reading = await facts.read(keysOf(policyId), userIds, nowMs);
      if (reading?.fact === undefined) return reading && { at: reading.at, soldOut: undefined };
      const { epoch, sequence, trustedUntilMs, answers } = reading.fact;
      const soldOut = { refusalEpoch: epoch, lastSequenceNo: sequence, trustedUntilMs, answers: answers.map(answerOf) };
      return { at: reading.at, soldOut };
    },
    record: ({ policy, holders, ...reading }) =>
      facts.record(
        keysOf(policy.id),
        {
          ...reading,
          epoch: policy.refusalEpoch,
          sequence: policy.lastSequenceNo,
          untilMs: policy.validUntilMs,
        },
        holders && [...holders].map(([userId, coupon]) => [userId, textOf(coupon)]),
      ),
    forget: (policyId) => facts.forget(keysOf(policyId)),
  };
}

const keysOf = (policyId: bigint): FactKeys => ({
  fact: `coupon:stock:{${policyId}}`,
  members: `coupon:issued:{${policyId}}`,
});

const textOf = ({ couponId, sequenceNo }: NamedCoupon): string => `${couponId} ${sequenceNo}`;

const COUPON = /^([1-9]\d{0,18}) ([1-9]\d{0,9})$/;

function answerOf(answer: FactAnswer): GateAnswer {
  if (answer === -1) return 'SOLD_OUT';
  // What this program did not write refuses nothing.
  const [, couponId, sequenceNo] = COUPON.exec(String(answer)) ?? [];
  if (couponId === undefined) return 'GO_ON';
  return { couponId: BigInt(couponId), sequenceNo: Number(sequenceNo) };
}
