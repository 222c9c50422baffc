import { expect, it } from 'vitest';
import { externalUsers } from './external-users.ts';

const unused = () => Promise.reject(new Error('not called'));

it('the external ids of a response are complete when those in memory are evicted meanwhile', async () => {
  const identity = {
    addExternalUsers: unused,
    findExternalUsers: unused,
    recordStatedRoles: unused,
    getExternalIds: async ({ userIds }: { readonly userIds: readonly bigint[] }) => ({
      externalIds: userIds.map((userId) => ({ userId, externalId: `ext:kc:${userId}` })),
    }),
  };
  const users = externalUsers({ identity, issuers: new Map(), usersMax: 1 });
  await users.externalIds([1n]);
  expect(await users.externalIds([1n, 2n, 3n])).toEqual(
    new Map([1n, 2n, 3n].map((userId) => [userId, `ext:kc:${userId}`])),
  );
});
