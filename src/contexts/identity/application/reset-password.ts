import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { type ResetPasswordRequest, type ResetPasswordResponse, stored } from '../api.ts';
import { normalisePassword } from '../domain/password.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';
import { commonPassword, invalid } from './responses.ts';

/**
 * Sets a password by the token of a mail. Every session ends, and the address counts as verified. Of two uses at the same time one is carried out.
 * Refused: MAIL_NOT_CONFIGURED, LINK_INVALID, VALIDATION_FAILED.
 */
export const resetPassword =
  ({ mail, hasher, isCommonPassword, secrets, clock, nextId }: IdentityPorts) =>
  async ({ token, newPassword, commandKey }: ResetPasswordRequest): Promise<ResetPasswordResponse> => {
    if (mail === undefined) return toRefusalResponse(refuse('MAIL_NOT_CONFIGURED'));
    const password = normalisePassword(newPassword);
    if (password === undefined) return invalid('newPassword');
    if (isCommonPassword(password)) return commonPassword('newPassword');
    const digest = secrets.digest(token);
    const at = new Date(clock());
    // A guess costs no hash. A repeat with a key gets here after its link was used up, and needs none either.
    const isValid = await mail.store.isLinkValid('RESET_PASSWORD', digest, at);
    const use = isValid
      ? {
          digest,
          at,
          passwordHash: await hasher.hash(password, 'LOG_IN'),
          outboxId: nextId(),
          signedUpOutboxId: nextId(),
        }
      : undefined;
    return await executeOnce(commandKey, RESPONDING, (idempotency) => mail.store.resetPassword(use, idempotency));
  };

const RESPONDING: Responding<readonly bigint[] | undefined, ResetPasswordResponse> = {
  type: stored.ResetPasswordResponse,
  refused: toRefusalResponse,
  respond: (ended) =>
    ended === undefined
      ? toRefusalResponse(refuse('LINK_INVALID'))
      : { outcome: { $case: 'ended', value: { sessionIds: ended.map(String) } } },
};
