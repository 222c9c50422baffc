import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { type ChangePasswordRequest, type ChangePasswordResponse, stored } from '../api.ts';
import { normalisePassword } from '../domain/password.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';
import { commonPassword, invalid } from './responses.ts';

/**
 * Replaces the password of a user who knows it. Every session ends, also the one that asks: whoever stole one is out. Of two changes at the
 * same time one is carried out, and the other one has a wrong password. Refused: UNAUTHENTICATED, USER_NOT_FOUND, VALIDATION_FAILED.
 */
export const changePassword =
  (ports: IdentityPorts) =>
  async (request: ChangePasswordRequest): Promise<ChangePasswordResponse> => {
    const { store, hasher, isCommonPassword, clock, nextId } = ports;
    const password = normalisePassword(request.newPassword);
    if (password === undefined) return invalid('newPassword');
    if (isCommonPassword(password)) return commonPassword('newPassword');
    const known = await store.credentialsById(request.userId);
    if (known === undefined) return toRefusalResponse(refuse('USER_NOT_FOUND'));
    const current = normalisePassword(request.currentPassword);
    if (current === undefined || !(await hasher.verify(known.passwordHash, current))) return WRONG;

    const change = {
      userId: request.userId,
      passwordHash: await hasher.hash(password),
      replacedHash: known.passwordHash,
      at: new Date(clock()),
      outboxId: nextId(),
    };
    return await executeOnce(request.commandKey, RESPONDING, (idempotency) =>
      store.changePassword(change, idempotency),
    );
  };

const WRONG = toRefusalResponse(refuse('UNAUTHENTICATED'));

const RESPONDING: Responding<readonly bigint[] | undefined, ChangePasswordResponse> = {
  type: stored.ChangePasswordResponse,
  refused: toRefusalResponse,
  respond: (ended) =>
    ended === undefined ? WRONG : { outcome: { $case: 'ended', value: { sessionIds: ended.map(String) } } },
};
