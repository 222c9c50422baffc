import type { GetContactsRequest, GetContactsResponse } from '../api.ts';
import { consentCountsFrom } from '../domain/consent.ts';
import type { ContactStore, IdentityPorts } from './ports.ts';

/**
 * Returns how users are reached, without deleted and locked ones, in any order, and which ids are of no user. Consent to marketing is absent where it was not given, and where
 * its confirmation is overdue.
 */
export const getContacts =
  (contacts: ContactStore, { clock }: Pick<IdentityPorts, 'clock'>) =>
  async ({ userIds }: GetContactsRequest): Promise<GetContactsResponse> => {
    if (userIds.length === 0) return { contacts: [], unknownUserIds: [] };
    const countsFrom = consentCountsFrom(new Date(clock()));
    const found = await contacts.contacts(userIds);
    const reached = new Set(found.map(({ userId }) => userId));
    const absent = userIds.filter((id) => !reached.has(id));
    return {
      unknownUserIds: absent.length === 0 ? [] : [...(await contacts.unknownIds(absent))],
      contacts: found.map(({ email, emailVerifiedAt, consentAt, consentSource, consentConfirmedAt, ...contact }) => ({
        ...contact,
        email: email ?? '',
        emailVerified: emailVerifiedAt !== null,
        marketingConsent:
          consentAt === null || consentConfirmedAt === null || consentConfirmedAt < countsFrom
            ? undefined
            : { at: consentAt, source: consentSource ?? 'UNKNOWN' },
      })),
    };
  };
