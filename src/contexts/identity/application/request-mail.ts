import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import type { CommandKey } from '../../../platform/kernel/contract.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { type MailRequestedResponse, stored } from '../api.ts';
import { normaliseEmail } from '../domain/email.ts';
import { type MailKind, type RequestedMail, toLanguage } from '../domain/mail.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts, MailPorts } from './ports.ts';
import { invalid } from './responses.ts';

export interface MailRequest {
  readonly email: string;
  readonly language: string;
  readonly commandKey?: CommandKey | undefined;
}

/**
 * Stores that a mail is wanted. Whether the address has an account is looked up later, by the task that sends: so every address gets the same
 * response after the same work. Refused: MAIL_NOT_CONFIGURED, VALIDATION_FAILED.
 */
export const requestMail =
  ({ mail, nextId }: IdentityPorts, kind: 'VERIFY_EMAIL' | 'RESET_PASSWORD') =>
  async ({ email: given, language, commandKey }: MailRequest): Promise<MailRequestedResponse> => {
    if (mail === undefined) return toRefusalResponse(refuse('MAIL_NOT_CONFIGURED'));
    const email = normaliseEmail(given);
    if (email === undefined) return invalid('email');
    const requested = newMail(mail, nextId(), { email, kind, language });
    const response: MailRequestedResponse = { outcome: { $case: 'mailRequested', value: { email } } };
    const responding: Responding<true, MailRequestedResponse> = {
      type: stored.MailRequestedResponse,
      refused: toRefusalResponse,
      respond: () => response,
    };
    const result = await executeOnce(commandKey, responding, (idempotency) =>
      mail.store.request(requested, idempotency),
    );
    mail.changed.notify();
    return result;
  };

export const newMail = (
  { clock }: MailPorts,
  id: bigint,
  { email, kind, language }: { readonly email: string; readonly kind: MailKind; readonly language: string },
): RequestedMail => ({ id, email, kind, language: toLanguage(language), requestedAt: new Date(clock()) });
