import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { stored, type VerifyEmailRequest, type VerifyEmailResponse } from '../api.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';

/** Verifies an address by the token of its mail. Of two uses at the same time one verifies. Refused: MAIL_NOT_CONFIGURED, LINK_INVALID. */
export const verifyEmail =
  ({ mail, secrets, clock, nextId }: IdentityPorts) =>
  async ({ token, commandKey }: VerifyEmailRequest): Promise<VerifyEmailResponse> => {
    if (mail === undefined) return toRefusalResponse(refuse('MAIL_NOT_CONFIGURED'));
    const use = { digest: secrets.digest(token), at: new Date(clock()), signedUpOutboxId: nextId() };
    return await executeOnce(commandKey, RESPONDING, (idempotency) => mail.store.verifyEmail(use, idempotency));
  };

const RESPONDING: Responding<boolean, VerifyEmailResponse> = {
  type: stored.VerifyEmailResponse,
  refused: toRefusalResponse,
  respond: (isVerified) =>
    isVerified ? { outcome: { $case: 'verified', value: {} } } : toRefusalResponse(refuse('LINK_INVALID')),
};
