import { expect, it } from 'vitest';
import { CONTACTS_MAX } from '../../../identity/api.ts';
import { contactsById } from './contacts.ts';
import { unusedCoupons } from './unused-coupons.ts';

const range = (length: number) => Array.from({ length }, (_, n) => BigInt(n + 1));

it('contacts of a large batch of notices are read in calls that have at most as many ids as the contract allows', async () => {
  const calls: number[] = [];
  const getContacts = async ({ userIds }: { readonly userIds: readonly bigint[] }) => {
    calls.push(userIds.length);
    const known = userIds.filter((id) => id % 2n === 0n);
    const contact = { email: '', name: '', language: 'ko', emailVerified: true, marketingConsent: undefined };
    return {
      contacts: known.map((userId) => ({ ...contact, userId })),
      unknownUserIds: userIds.filter((id) => id % 2n === 1n),
    };
  };
  const found = await contactsById({ getContacts }, range(2_500));
  expect(calls).toEqual([CONTACTS_MAX, CONTACTS_MAX, 500]);
  expect([found.size, found.get(2n)?.language, found.get(2_499n)?.language]).toEqual([2_500, 'ko', 'en']);
});

it('coupons of many reminders are looked up in calls of at most 5,000, and none of them counts as used for it', async () => {
  const calls: number[] = [];
  const listUnusedCoupons = async ({ couponIds }: { readonly couponIds: readonly bigint[] }) => {
    calls.push(couponIds.length);
    return { couponIds: couponIds.filter((id) => id !== 6_000n) };
  };
  const unused = await unusedCoupons({ listUnusedCoupons }, range(6_001));
  expect(calls).toEqual([5_000, 1_001]);
  expect([unused.size, unused.has(6_000n), unused.has(6_001n)]).toEqual([6_000, false, true]);
});
