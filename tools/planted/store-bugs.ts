import type { PlantedBug } from './bugs.ts';

const ACCESS = 'src/contexts/store/access.ts';
const CLOSINGS = 'src/contexts/coupon/adapters/postgres/policy/store-closings.ts';
const POLICY_STORE = 'src/contexts/coupon/adapters/postgres/policy/policy-store.ts';
const CLOSINGS_TEST = ['src/contexts/coupon/adapters/postgres/policy/store-closings.int.test.ts'];
const STORES_TEST = ['src/contexts/store/test/stores.int.test.ts'];
const ATTACKS = ['test/attacks/stores.int.test.ts'];

/** In who manages what belongs to a store, and in what its closing ends. */
export const STORE_BUGS: readonly PlantedBug[] = [
  {
    name: 'stores: an owner manages what belongs to any store',
    file: ACCESS,
    within: 'managesStore',
    search: '&& manager.stores.has(storeId)',
    replace: '',
    tests: ATTACKS,
    only: '59',
  },
  {
    name: 'stores: an owner manages what belongs to the platform',
    file: ACCESS,
    within: 'managesStore',
    search: `typeof storeId === 'bigint' && manager?.role === 'OWNER' && manager.stores.has(storeId)`,
    replace: `manager?.role === 'OWNER' && (typeof storeId !== 'bigint' || manager.stores.has(storeId))`,
    tests: ATTACKS,
    only: '59',
  },
  {
    name: 'stores: a policy of a closed store is accepted',
    file: ACCESS,
    within: 'findOpenStore',
    search: 'isRefusal(standing) || standing.isOpen',
    replace: 'standing',
    tests: ATTACKS,
    only: 'a policy of a store that is not open',
  },
  {
    name: 'stores: an owner makes policies that an event triggers',
    file: 'src/contexts/coupon/domain/policy/policy.ts',
    within: 'mayManage',
    search: `&& (distributionType !== 'EVENT' || isOperator(manager?.role))`,
    replace: '',
    tests: ['src/contexts/coupon/domain/policy/policy.test.ts'],
  },
  {
    name: 'stores: an owner moves a policy to a store of another owner',
    file: 'src/contexts/coupon/application/policy/update-policy.ts',
    within: 'updatePolicy',
    search: `if (!mayManage(manager, changed.terms)) return refuse('FORBIDDEN');`,
    replace: '',
    tests: ATTACKS,
    only: 'moves no policy',
  },
  {
    name: 'stores: any owner sees codes',
    file: 'src/gateway/routes/coupon/coupon-policies.http.ts',
    within: 'couponPoliciesRoutes',
    search: 'managesStore(manager, policy.terms?.storeId)',
    replace: 'manager !== undefined',
    tests: ATTACKS,
    only: '64',
  },
  {
    name: 'stores: an owner refunds lines of other stores',
    file: 'src/contexts/order/domain/refund/refund.ts',
    within: 'mayRefund',
    search: 'stores === null || (storeId !== null && stores.has(storeId))',
    replace: 'stores === null || storeId !== null',
    tests: ['test/checkout/checkout.int.test.ts'],
    only: 'refunds the lines of their stores',
  },
  {
    name: 'stores: a late closing ends newer policies',
    file: CLOSINGS,
    within: 'LOCK_POLICIES',
    search: 'and coalesce(p.store_version, 0) < $2',
    replace: 'and $2::int > 0',
    tests: CLOSINGS_TEST,
    only: 'a repeated or late event',
  },
  {
    name: 'stores: a policy is bound to a store without the lock',
    file: CLOSINGS,
    within: 'isStoreClosed',
    search: 'await client.query(LOCK_SHARED, [storeId]);',
    replace: '',
    tests: CLOSINGS_TEST,
    only: 'a closing waits for a policy',
  },
  {
    name: 'stores: an older closing hides a newer one',
    file: CLOSINGS,
    within: 'RECORD',
    search: 'greatest(c.version, excluded.version)',
    replace: 'excluded.version',
    tests: CLOSINGS_TEST,
  },
  {
    name: 'stores: a policy is moved to a store that was closed meanwhile',
    file: POLICY_STORE,
    within: 'postgresPolicyStore',
    search: '(await isStoreClosed(client, decided))',
    replace: 'false',
    tests: CLOSINGS_TEST,
    only: 'a policy is not moved there',
  },
  {
    name: 'stores: the stores of an owner are counted without the lock',
    file: 'src/contexts/store/adapters/postgres/store-store.ts',
    within: 'postgresStoreStore',
    search: 'await client.query(LOCK_OWNER, [store.ownerId]);',
    replace: '',
    tests: STORES_TEST,
    only: 'at most 100 stores',
  },
  {
    name: 'stores: a store is changed without its lock',
    file: 'src/contexts/store/adapters/postgres/store-store.ts',
    within: 'postgresStoreStore',
    search: `.for('no key update')`,
    replace: '',
    tests: STORES_TEST,
    only: 'concurrent changes of the staff',
  },
];
