import type { PlantedBug } from './bugs.ts';

const AUDITS = 'src/app/audits';
const CHECKOUT_TEST = [`${AUDITS}/checkout-audit.int.test.ts`];
const ACROSS_TEST = [`${AUDITS}/run-audits-across.int.test.ts`];

/** Audits of contexts with databases of their own. */
export const AUDIT_BUGS: readonly PlantedBug[] = [
  {
    name: 'audit across: a difference whose sides changed since the first look counts',
    file: `${AUDITS}/comparison.ts`,
    within: 'lookAgain',
    search: 'seen === difference.seen',
    replace: 'seen !== undefined',
    tests: CHECKOUT_TEST,
    only: 'a difference between databases counts only while neither side has changed',
  },
  {
    name: 'audit across: statistics are judged by the first look alone',
    file: `${AUDITS}/run-audits-across.ts`,
    within: 'statisticsAcross',
    search: 'const wrong = second.differences.filter',
    replace: 'const wrong = first.differences.filter',
    tests: ACROSS_TEST,
    only: 'a difference of statistics that is',
  },
  {
    name: 'audit across: the first row of each page is skipped',
    file: `${AUDITS}/comparison.ts`,
    within: 'lookFirst',
    search: 'from = last + 1n',
    replace: 'from = last + 2n',
    tests: CHECKOUT_TEST,
    only: 'the checkout audits find',
  },
  {
    name: 'audit across: the dead letters of one database are forgotten',
    file: `${AUDITS}/run-audits-across.ts`,
    within: 'addLines',
    search: 'first === undefined || lines.length === 1',
    replace: 'lines.length > 0',
    tests: ACROSS_TEST,
    only: 'a dead letter in any database is a violation',
  },
  {
    name: 'audit across: its sessions may write',
    file: `${AUDITS}/audited-databases.ts`,
    within: 'open',
    search: 'default_transaction_read_only = on',
    replace: 'default_transaction_read_only = off',
    tests: ACROSS_TEST,
    only: 'can write to none of them',
  },
  {
    name: 'audit: a reservation for an order that does not exist passes',
    file: `${AUDITS}/checkout/reserved-orders.sql`,
    search: 'where o.coupon_id is null',
    replace: 'where o.id is not null and o.coupon_id is null',
    tests: CHECKOUT_TEST,
    only: 'the checkout audits find',
  },
  {
    name: 'audit: points held for a payment that does not exist pass',
    file: `${AUDITS}/checkout/held-orders.sql`,
    search: 'and (o.id is null or y.id is distinct from h.payment or',
    replace: 'and (o.id is null or',
    tests: CHECKOUT_TEST,
    only: 'the checkout audits find',
  },
];
