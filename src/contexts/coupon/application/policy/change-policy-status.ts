import { type ChangePolicyStatusRequest, type ChangePolicyStatusResponse, stored } from '../../api.ts';
import { changeStatus } from '../../domain/policy/policy.ts';
import { type ChangeDeps, changePolicy } from './change-policy.ts';

/** Activates, pauses or ends a policy on request of a manager. */
export const changePolicyStatus =
  (deps: ChangeDeps) =>
  (request: ChangePolicyStatusRequest): Promise<ChangePolicyStatusResponse> =>
    changePolicy(deps, request, {
      kind: 'STATUS',
      reason: request.transition,
      decide: (policy, nowMs) => changeStatus(policy, request.transition, nowMs),
      type: stored.ChangePolicyStatusResponse,
      respond: (_, after) => ({ outcome: { $case: 'policy', value: after } }),
    });
