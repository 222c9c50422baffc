import { type ChangePolicyStatusRequest, type ChangePolicyStatusResponse, stored } from '../../api.ts';
import { changeStatus, changeSuspension } from '../../domain/policy/policy.ts';
import { type ChangeDeps, changePolicy } from './change-policy.ts';

/** Activates, pauses, ends, suspends or resumes a policy on request of a manager. */
export const changePolicyStatus =
  (deps: ChangeDeps) =>
  (request: ChangePolicyStatusRequest): Promise<ChangePolicyStatusResponse> =>
    changePolicy(deps, request, {
      kind: 'STATUS',
      reason: request.transition === 'SUSPEND' ? `SUSPEND ${request.reason ?? ''}` : request.transition,
      decide(policy, nowMs) {
        if (request.transition === 'SUSPEND') return changeSuspension(policy, request.reason ?? '');
        if (request.transition === 'RESUME') return changeSuspension(policy, undefined);
        return changeStatus(policy, request.transition, nowMs);
      },
      type: stored.ChangePolicyStatusResponse,
      respond: (_, after) => ({ outcome: { $case: 'policy', value: after } }),
    });
