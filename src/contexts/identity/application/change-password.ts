import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { type ChangePasswordRequest, type ChangePasswordResponse, stored } from '../api.ts';
import { NO_PASSWORD, normalisePassword } from '../domain/password.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';
import { commonPassword, invalid } from './responses.ts';

/**
 * Replaces the password of a user who knows it. Every session ends, also that of the request: a thief of a session is out. Of two changes at the
 * same time one is carried out, and the other one has a wrong password. A repeat with the same key gets the result of the first. Refused: UNAUTHENTICATED, USER_NOT_FOUND, VALIDATION_FAILED.
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
    // A user of another issuer has none here, which is what a password that no user has looks like below.
    if (known.passwordHash === NO_PASSWORD) return WRONG;
    const current = normalisePassword(request.currentPassword);
    const isProven = current !== undefined && (await hasher.verify(known.passwordHash, current, 'LOG_IN'));
    if (!isProven && request.commandKey === undefined) return WRONG;
    const [userId, at] = [request.userId, new Date(clock())];
    // A repeat of a change that took effect has a wrong password by now: its key is looked up before it is refused. The change of any other one
    // replaces a hash that no user has, so that it changes nothing.
    const change = isProven
      ? {
          userId,
          at,
          passwordHash: await hasher.hash(password, 'LOG_IN'),
          replacedHash: known.passwordHash,
          outboxId: nextId(),
        }
      : { userId, at, passwordHash: known.passwordHash, replacedHash: NO_PASSWORD };
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
