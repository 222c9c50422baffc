import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { stored, type UpdateUserRequest, type UpdateUserResponse } from '../api.ts';
import { type AccountChange, decideAccountChange, isGivenStatus, isRole } from '../domain/user.ts';
import { refuse } from '../refusals.ts';
import type { AccountOutcome, IdentityPorts } from './ports.ts';
import { invalid, toUser } from './responses.ts';

/** Changes an account for an administrator or a machine. Refused: USER_NOT_FOUND, FORBIDDEN, LAST_ADMIN, VALIDATION_FAILED. */
export const updateUser =
  ({ store, clock }: IdentityPorts) =>
  async (request: UpdateUserRequest): Promise<UpdateUserResponse> => {
    const { userId, role, status, endSessions, principal, commandKey } = request;
    if (role !== undefined && !isRole(role)) return invalid('role');
    if (status !== undefined && !isGivenStatus(status)) return invalid('status');
    const change: AccountChange = { role, status, endSessions };
    const by = { isMachine: principal?.role !== 'ADMIN' };
    return await executeOnce(commandKey, RESPONDING, (idempotency) =>
      store.changeAccount(
        userId,
        (user, otherAdmins, statedRole) => decideAccountChange(user, change, by, otherAdmins, statedRole),
        new Date(clock()),
        idempotency,
      ),
    );
  };

const RESPONDING: Responding<AccountOutcome, UpdateUserResponse> = {
  type: stored.UpdateUserResponse,
  refused: toRefusalResponse,
  respond: (outcome) =>
    outcome.kind === 'REFUSE'
      ? toRefusalResponse(refuse(outcome.code))
      : {
          outcome: {
            $case: 'updated',
            value: { user: toUser(outcome.user), endedSessionIds: outcome.endedSessions.map(String) },
          },
        },
};
