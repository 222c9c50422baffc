import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { stored, type WithdrawConsentRequest, type WithdrawConsentResponse } from '../api.ts';
import { WITHDRAWAL_SOURCES } from '../domain/consent.ts';
import { normaliseEmail } from '../domain/email.ts';
import type { ContactStore, IdentityPorts } from './ports.ts';

/**
 * Ends a user's consent to marketing, by a link in a mail or a complaint. A repeat, and a user without consent, are no refusal: the caller may not learn
 * whether an address has an account.
 */
export const withdrawConsent =
  (contacts: ContactStore, { clock }: Pick<IdentityPorts, 'clock'>) =>
  async ({ user, source: given, commandKey }: WithdrawConsentRequest): Promise<WithdrawConsentResponse> => {
    const source = WITHDRAWAL_SOURCES.find((known) => known === given);
    if (source === undefined) throw new Error(`${given} is no source of a withdrawal`);
    const who = whoOf(user);
    if (who === undefined) return { outcome: { $case: 'withdrawn', value: { changed: false } } };
    return await executeOnce(commandKey, RESPONDING, (idempotency) =>
      contacts.withdrawConsent(who, { at: new Date(clock()), source }, idempotency),
    );
  };

function whoOf(
  user: WithdrawConsentRequest['user'],
): { readonly userId: bigint } | { readonly email: string } | undefined {
  if (user === undefined) return undefined;
  if (user.$case === 'userId') return { userId: user.value };
  const email = normaliseEmail(user.value);
  return email === undefined ? undefined : { email };
}

const RESPONDING: Responding<boolean, WithdrawConsentResponse> = {
  type: stored.WithdrawConsentResponse,
  refused: toRefusalResponse,
  respond: (changed) => ({ outcome: { $case: 'withdrawn', value: { changed } } }),
};
