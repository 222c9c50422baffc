import type { PlantedBug } from './bugs.ts';

const COUPON = 'src/contexts/coupon';
const CODE = `${COUPON}/domain/codes/redemption-code.ts`;
const FF1 = `${COUPON}/adapters/crypto/ff1.ts`;
const STEPS = `${COUPON}/domain/lifecycle/coupon-steps.ts`;
const ATTACKS = ['test/attacks/redemption.int.test.ts'];
const CODE_TEST = [`${COUPON}/domain/codes/redemption-code.test.ts`];
const CODES_TEST = [`${COUPON}/adapters/crypto/redemption-codes.test.ts`];

/** In redemption codes, and in the use of coupons at the counter. */
export const COUNTER_BUGS: readonly PlantedBug[] = [
  {
    name: 'counter: FF1 adds the halves in the wrong modulus',
    file: FF1,
    within: 'ff1',
    search: 'round % 2 === 0 ? leftSize : rightSize',
    replace: 'round % 2 === 0 ? rightSize : leftSize',
    tests: [`${COUPON}/adapters/crypto/ff1.test.ts`],
  },
  {
    name: 'counter: the check symbol ignores where a symbol stands',
    file: CODE,
    within: 'checksumOf',
    search: 'timesAlpha(sum) ^ value',
    replace: 'sum ^ value',
    tests: CODE_TEST,
  },
  {
    name: 'counter: the check symbol is computed in a ring with divisors of 0',
    file: CODE,
    within: 'timesAlpha',
    search: '0b100101',
    replace: '0b100000',
    tests: CODE_TEST,
  },
  {
    name: 'counter: codes of the old secret are not read',
    file: `${COUPON}/adapters/crypto/redemption-codes.ts`,
    within: 'redemptionCodes',
    search: 'return permutations.map((permutation) => permutation.decrypt(value))',
    replace: 'return [newest].map((permutation) => permutation.decrypt(value))',
    tests: CODES_TEST,
    only: 'while a secret is replaced',
  },
  {
    name: 'counter: the staff of any store use every coupon',
    file: 'src/contexts/store/access.ts',
    within: 'servesStore',
    search: '&& clerk.stores.has(storeId)',
    replace: '',
    tests: ATTACKS,
    only: 'docs/attacks.md 81',
  },
  {
    name: 'counter: an owner whose role was taken away still owns',
    file: 'src/contexts/store/application/read-stores.ts',
    within: 'listCounterStores',
    search: `role === 'OWNER' ? store.idsOfOwner(userId) : []`,
    replace: 'store.idsOfOwner(userId)',
    tests: ATTACKS,
    only: 'docs/attacks.md 81',
  },
  {
    name: 'counter: a second use counts as a repeat',
    file: STEPS,
    within: 'useAtCounter',
    search: 'if (unusable) return refused(unusable);',
    replace: `if (coupon.state.status === 'USED') return done(coupon, null); if (unusable) return refused(unusable);`,
    tests: [`${COUPON}/domain/lifecycle/lifecycle.test.ts`],
  },
  {
    name: 'counter: the rules of the policy do not hold',
    file: STEPS,
    within: 'useAtCounter',
    search: 'discountFor({ ...coupon.terms, eligibleStoreId: null }, { orderAmount })',
    replace: 'coupon.terms.discountValue',
    tests: ATTACKS,
    only: 'the rules of the policy hold',
  },
  {
    name: 'counter: the code is shown to whoever knows the id',
    file: `${COUPON}/adapters/postgres/queries/own-coupons.ts`,
    within: 'FIND',
    search: 'i.id = any($2::bigint[]) and i.user_id = $1',
    replace: 'i.id = any($2::bigint[]) and $1::bigint is not null',
    tests: ATTACKS,
    only: 'shown to the holder',
  },
  {
    name: 'counter: who guesses is blocked on one node only',
    file: 'src/gateway/limits/code-limits.ts',
    within: 'postgresRedemptionLimits',
    search: 'known !== null && known.consumedPoints > wrongAnHour',
    replace: 'false',
    tests: ATTACKS,
    only: 'twenty wrong redemption codes',
  },
  {
    name: 'codes: a former shared code issues coupons while a node remembers it',
    file: 'src/contexts/coupon/domain/issue/issue.ts',
    within: 'formerCode',
    search: 'sharedCode === undefined ||',
    replace: 'sharedCode !== null ||',
    tests: ['test/gateway/coupon-codes.int.test.ts'],
    only: 'a former shared code issues nothing at a node that still knows it',
  },
];
