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

/** How users are reached, by their ids. Absent: the account is locked or deleted. */
export async function contactsById(
  contacts: Contacts,
  userIds: readonly bigint[],
): Promise<ReadonlyMap<bigint, Contact>> {
  const found = await contacts.getContacts({ userIds });
  const reached = [...found.contacts, ...found.unknownUserIds.map(withoutAccount)];
  return new Map(reached.map((contact) => [contact.userId, contact]));
}
