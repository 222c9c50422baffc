import type { Consent } from '../../domain/consent.ts';

/** The columns of a user that state the consent to marketing. */
export const consentColumns = ({ given, at, source }: Consent) => ({
  marketingConsent: given,
  marketingConsentAt: given ? at : null,
  marketingConsentSource: given ? source : null,
  marketingConsentConfirmedAt: given ? at : null,
});
