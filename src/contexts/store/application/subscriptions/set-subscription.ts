import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce, type Responding } from '../../../../platform/kernel/command-key.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type SetSubscriptionRequest, type SubscriptionResponse, stored } from '../../api.ts';
import type { FollowedPolicy, SubscriptionCommand, SubscriptionOutcome } from '../../domain/subscription.ts';
import { refuse } from '../../refusals.ts';
import type { SubscriptionBatcher } from './subscription-batcher.ts';

/** Makes a user follow a store or a policy, or follow it no more. */
export const setSubscription =
  (batcher: Pick<SubscriptionBatcher, 'submitOnce'>, clock: Clock) =>
  async (request: SetSubscriptionRequest): Promise<SubscriptionResponse> => {
    const command = commandOf(request, clock());
    if (isRefusal(command)) return toRefusalResponse(command);
    return await executeOnce(request.commandKey, respondingTo(command), (idempotency) =>
      batcher.submitOnce({ ...command, idempotency }),
    );
  };

function commandOf(
  { userId, target, isFollowing }: SetSubscriptionRequest,
  nowMs: number,
): SubscriptionCommand | Refusal {
  if (userId <= 0n) return refuse('VALIDATION_FAILED', { userId: 'must be the id of a user' });
  if (target === undefined) return refuse('VALIDATION_FAILED', { target: 'is required' });
  if (target.$case === 'storeId') return { type: 'STORE', targetId: target.value, userId, isFollowing };
  const { policyId, storeId, name, opensAt } = target.value;
  const command = { type: 'POLICY', targetId: policyId, userId, isFollowing } as const;
  if (!isFollowing) return command;
  if (opensAt === undefined) return refuse('VALIDATION_FAILED', { opensAt: 'is required' });
  if (opensAt.getTime() <= nowMs) return refuse('POLICY_ALREADY_OPEN');
  const policy: FollowedPolicy = { policyId, storeId: storeId ?? null, name, opensAt };
  return { ...command, policy };
}

const respondingTo = ({ type }: SubscriptionCommand): Responding<SubscriptionOutcome, SubscriptionResponse> => ({
  type: stored.SubscriptionResponse,
  refused: toRefusalResponse,
  respond(outcome) {
    if (outcome === 'done') return { outcome: { $case: 'done', value: {} } };
    if (outcome === 'no account') return toRefusalResponse(refuse('ACCOUNT_DELETED'));
    return toRefusalResponse(refuse(type === 'STORE' ? 'STORE_NOT_FOUND' : 'POLICY_ALREADY_OPEN'));
  },
});
