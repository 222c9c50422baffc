import { mapConcurrent } from '../../../../platform/kernel/map-concurrent.ts';
import { slices } from '../../../../platform/kernel/slices.ts';
import { CONTACTS_MAX } from '../../../identity/api.ts';
import type { Contact, Contacts } from './ports.ts';

/**
 * What is known of a user of the shop who has no account here: no address, and no consent to marketing. Browsers that the user subscribed with a token of the
 * shop get the other notices.
 */
const withoutAccount = (userId: bigint): Contact => ({
  userId,
  email: '',
  name: '',
  language: 'en',
  emailVerified: false,
  marketingConsent: undefined,
});

const CALLS_AT_ONCE = 2;

/** How users are reached, by their ids, in as many calls as they need. Absent: the account is locked or deleted. */
export async function contactsById(
  contacts: Contacts,
  userIds: readonly bigint[],
): Promise<ReadonlyMap<bigint, Contact>> {
  const found = await mapConcurrent(slices(userIds, CONTACTS_MAX), CALLS_AT_ONCE, (part) =>
    contacts.getContacts({ userIds: part }),
  );
  const reached = found.flatMap((each) => [...each.contacts, ...each.unknownUserIds.map(withoutAccount)]);
  return new Map(reached.map((contact) => [contact.userId, contact]));
}
