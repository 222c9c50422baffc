import type { PlantedBug } from './bugs.ts';

const STORE = 'src/contexts/store/adapters/postgres/subscription-store.ts';
const READER = 'src/contexts/store/adapters/postgres/subscription-reader.ts';
const RECORDS = 'src/contexts/store/adapters/postgres/policy-records.ts';
const DECISION = 'src/contexts/store/domain/subscription.ts';
const TESTS = ['src/contexts/store/test/subscriptions.int.test.ts'];

/** In who follows what, and what is made known of it. */
export const SUBSCRIPTION_BUGS: readonly PlantedBug[] = [
  {
    name: 'subscriptions: batches of one store do not wait for each other',
    file: STORE,
    within: 'LOCK_STORES',
    search: 'for no key update',
    replace: '',
    tests: TESTS,
    only: 'on two nodes at the same time',
  },
  {
    name: 'subscriptions: a second follow of a batch is added again',
    file: DECISION,
    within: 'decideSubscriptions',
    search: 'changed.has(key) ? changed.get(key) : subscriptions.get(key)',
    replace: 'subscriptions.get(key)',
    tests: ['src/contexts/store/domain/subscription.test.ts'],
  },
  {
    name: 'subscriptions: a store that is not open is followed',
    file: DECISION,
    within: 'decideSubscriptions',
    search: '!canBeFollowed.get(targetKey({ type, targetId }))',
    replace: '!canBeFollowed.has(targetKey({ type, targetId }))',
    tests: TESTS,
    only: 'only an OPEN store',
  },
  {
    name: 'subscriptions: what a user follows no more is still counted',
    file: DECISION,
    within: 'followerChanges',
    search: 'removed.forEach(count(-1));',
    replace: '',
    tests: ['src/contexts/store/domain/subscription.test.ts'],
  },
  {
    name: 'subscriptions: a policy of a store is announced at each activation',
    file: RECORDS,
    within: 'OPENED',
    search: 'on conflict do nothing',
    replace: 'on conflict (policy_id) do update set policy_id = excluded.policy_id',
    tests: TESTS,
    only: 'a policy is announced to the followers of its store once',
  },
  {
    name: 'subscriptions: a policy of a store that is not open is announced',
    file: RECORDS,
    within: 'OPEN_STORE',
    search: " and status = 'OPEN'",
    replace: '',
    tests: TESTS,
    only: 'a policy is announced to the followers of its store once',
  },
  {
    name: 'subscriptions: suspended policies are among the openings',
    file: READER,
    within: 'OPENINGS',
    search: 'and not is_suspended',
    replace: '',
    tests: TESTS,
    only: 'openings that are followed',
  },
  {
    name: 'subscriptions: a user who has deleted the account follows something',
    file: DECISION,
    within: 'decideSubscriptions',
    search: 'isFollowing && deletedUsers.has(userId)',
    replace: 'false',
    tests: TESTS,
    only: 'a deleted user cannot follow anything',
  },
  {
    name: 'subscriptions: a deletion does not wait for a change that read before it',
    file: STORE,
    within: 'SHARE_ACCOUNTS',
    search: 'pg_advisory_xact_lock_shared(${ACCOUNTS_LOCK})',
    replace: '${ACCOUNTS_LOCK}',
    tests: TESTS,
    only: 'a deletion waits for a change',
  },
];
