import type { PlantedBug } from './bugs.ts';

const IDENTITY = 'src/contexts/identity';
const IDENTITY_TEST = [`${IDENTITY}/test/identity.int.test.ts`];

/** Passwords, locks and roles of accounts. */
export const ACCOUNT_BUGS: readonly PlantedBug[] = [
  {
    name: 'account: a log-in adds its session beside a lock',
    file: `${IDENTITY}/adapters/postgres/session-store.ts`,
    within: 'postgresSessionStore',
    search: "eq(users.status, 'ACTIVE')",
    replace: '',
    tests: IDENTITY_TEST,
    only: 'a locked account has no session',
  },
  {
    name: 'account: a log-in does not wait for a change of the password',
    file: `${IDENTITY}/adapters/postgres/session-store.ts`,
    within: 'postgresSessionStore',
    search: "where(isUnchanged).for('share')",
    replace: 'where(isUnchanged)',
    tests: IDENTITY_TEST,
    only: 'no session of a log-in with the old password',
  },
  {
    name: 'account: a change of the password replaces whichever is there',
    file: `${IDENTITY}/application/change-password.ts`,
    within: 'changePassword',
    search: 'replacedHash: known.passwordHash,',
    replace: '',
    tests: ['test/gateway/accounts.int.test.ts'],
    only: 'of two changes at the same time',
  },
  {
    name: 'account: the last administrator is not counted',
    file: `${IDENTITY}/adapters/postgres/account-store.ts`,
    within: 'lockAccount',
    search: ".for('no key update')",
    replace: '',
    tests: IDENTITY_TEST,
    only: 'two administrators who lock each other',
  },
  {
    name: 'account: a machine changes an administrator',
    file: `${IDENTITY}/domain/user.ts`,
    within: 'decideAccountChange',
    search: "|| user.role === 'ADMIN'",
    replace: '',
    tests: IDENTITY_TEST,
    only: 'a machine locks a customer',
  },
  {
    name: 'account: another role leaves sessions open',
    file: `${IDENTITY}/domain/user.ts`,
    within: 'decideAccountChange',
    search: '|| next.role !== user.role',
    replace: '',
    tests: IDENTITY_TEST,
    only: 'another role ends the sessions',
  },
];
