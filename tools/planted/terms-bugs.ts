import type { PlantedBug } from './bugs.ts';

const COUPON = 'src/contexts/coupon';
const POLICY = `${COUPON}/domain/policy/policy.ts`;
const UNIT_OF_WORK = `${COUPON}/domain/lifecycle/lifecycle-unit-of-work.ts`;
const STORE_TEST = [`${COUPON}/test/lifecycle-store.int.test.ts`];
const KEEPS_TERMS = 'a coupon keeps the terms that it was issued with';

/** In the terms that coupons keep, in using a coupon without a reservation, and in the ids of reservations. */
export const TERMS_BUGS: readonly PlantedBug[] = [
  {
    name: 'terms: a change of the terms makes no new version',
    file: POLICY,
    within: 'changeTerms',
    search: '(keepsSame(policy.terms, terms) ? 0 : 1)',
    replace: '0',
    tests: [`${COUPON}/domain/policy/policy.test.ts`],
    only: 'the version of the terms',
  },
  {
    name: 'terms: every change applies to issued coupons',
    file: POLICY,
    within: 'changeTerms',
    search: 'applyToIssued ? termsVersion : policy.termsFloor',
    replace: 'termsVersion',
    tests: [`${COUPON}/domain/policy/policy.test.ts`],
    only: 'the version of the terms',
  },
  {
    name: 'terms: a version is not stored',
    file: `${COUPON}/adapters/postgres/policy/policy-store.ts`,
    within: 'postgresPolicyStore',
    search: 'if (after.termsVersion !== before.termsVersion) await insertTerms(client, after);',
    replace: '',
    tests: STORE_TEST,
    only: KEEPS_TERMS,
  },
  {
    name: 'terms: the floor is ignored where a coupon is used',
    file: `${COUPON}/adapters/postgres/kept-terms.ts`,
    within: 'EFFECTIVE',
    search: 'greatest(i.terms_version, p.terms_floor)',
    replace: 'i.terms_version',
    tests: STORE_TEST,
    only: KEEPS_TERMS,
  },
  {
    name: 'terms: coupons of one batch share the terms of one of them',
    file: `${COUPON}/adapters/postgres/lifecycle/lifecycle-mappings.ts`,
    within: 'toCoupon',
    search: '${policyId} ${row.effective_version}',
    replace: '${policyId}',
    tests: STORE_TEST,
    only: KEEPS_TERMS,
  },
  {
    name: 'use: the minimum of the policy is ignored',
    file: `${COUPON}/domain/lifecycle/discount.ts`,
    within: 'discountFor',
    search: '(orderAmount ?? 0n) < minimumOrderAmount',
    replace: 'orderAmount !== null && orderAmount < minimumOrderAmount',
    tests: [`${COUPON}/domain/lifecycle/discount.test.ts`],
    only: 'takes off an order of',
  },
  {
    name: 'use: a direct use is forgotten within its batch',
    file: UNIT_OF_WORK,
    within: 'lifecycleUnitOfWork',
    search: 'directUses.set(coupon.id, { couponId: coupon.id, userId: coupon.userId, orderId: state.orderId });',
    replace: '',
    tests: [`${COUPON}/domain/lifecycle/lifecycle.test.ts`],
    only: 'is not used directly for an order',
  },
  {
    name: 'use: concurrent uses for one order do not wait for each other',
    file: `${COUPON}/adapters/postgres/lifecycle/lifecycle-reads.ts`,
    within: 'addIds',
    search: 'if (command.orderId === null) break; ids.locks.add(`coupon.user:${command.userId}`);',
    replace: 'if (command.orderId === null) break;',
    tests: STORE_TEST,
    only: 'racing uses and reservations of one order',
  },
  {
    name: 'reservations: ids of all users are one space',
    file: `${COUPON}/domain/lifecycle/reservation-id.ts`,
    within: 'qualifiedId',
    search: '${origin}:${userId}:${callerId}',
    replace: '${origin}:0:${callerId}',
    tests: ['test/attacks/reservation-ids.int.test.ts'],
    only: 'an id that another customer took first',
  },
  {
    name: 'reservations: a machine without a user takes whatever it finds first',
    file: `${COUPON}/application/lifecycle/find-reservation.ts`,
    within: 'findReservation',
    search: 'if (second !== undefined)',
    replace: 'if (first === undefined)',
    tests: ['test/attacks/reservation-ids.int.test.ts'],
    only: 'is asked for the user when several have the id',
  },
  {
    name: 'reservations: customers reserve as checkouts do',
    file: 'src/contexts/order/application/checkout/execute-step.ts',
    within: 'ORIGIN',
    search: "'CHECKOUT'",
    replace: "'CUSTOMER'",
    tests: ['test/attacks/reservation-ids.int.test.ts'],
    only: 'stops none of them',
  },
];
