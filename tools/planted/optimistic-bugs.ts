import type { PlantedBug } from './bugs.ts';

const OPTIMISTIC = 'src/contexts/coupon/adapters/postgres/issue/optimistic-issue.ts';
const OPTIMISTIC_TEST = ['src/contexts/coupon/test/optimistic.int.test.ts'];

/** Against the guards of batches that are issued by one statement. */
export const OPTIMISTIC_BUGS: readonly PlantedBug[] = [
  {
    name: 'one statement: the refusal epoch is not compared',
    file: OPTIMISTIC,
    within: 'ISSUE',
    search: 'and refusal_epoch = $5::int',
    replace: 'and $5::int is not null',
    tests: OPTIMISTIC_TEST,
  },
  {
    name: 'one statement: the window is not compared',
    file: OPTIMISTIC,
    within: 'ISSUE',
    search: 'and valid_from = $9::timestamptz and valid_until = $10::timestamptz',
    replace: 'and $9::timestamptz < $10::timestamptz',
    tests: OPTIMISTIC_TEST,
  },
  {
    name: 'one statement: a former limit above 1 is not compared',
    file: OPTIMISTIC,
    within: 'ISSUE',
    search: 'and former_issue_per_user <= 1',
    replace: '',
    tests: OPTIMISTIC_TEST,
  },
  {
    name: 'one statement: a statement without a response is not fenced off',
    file: OPTIMISTIC,
    within: 'wasIssued',
    search: '  await client.query(FENCE, [first.policyId]);\n',
    replace: '',
    tests: OPTIMISTIC_TEST,
  },
  {
    name: 'one statement: it may start at any time',
    file: OPTIMISTIC,
    within: 'ISSUE',
    search: "isOnTime('$14')",
    replace: "'$14::float8 > 0'",
    tests: OPTIMISTIC_TEST,
  },
  {
    name: 'one statement: coupons are inserted without the update of their policy',
    file: OPTIMISTIC,
    within: 'ISSUE',
    search: 'from counted cross join unnest(',
    replace: 'from (select $1::bigint as id) as counted cross join unnest(',
    tests: OPTIMISTIC_TEST,
  },
  {
    name: 'one statement: every error of the statement counts as a coupon that the user holds',
    file: OPTIMISTIC,
    within: 'optimisticIssuer',
    search: 'if (violates(error, HOLDING_KEY)) return undefined;',
    replace: 'if (error) return undefined;',
    tests: OPTIMISTIC_TEST,
    only: 'another unique index',
  },
  {
    name: 'one statement: refusals are decided on the cached state',
    file: OPTIMISTIC,
    within: 'optimisticIssuer',
    search: 'if (!changed || decision.issued.length < commands.length) return undefined;',
    replace: 'if (!changed) return undefined;',
    tests: OPTIMISTIC_TEST,
  },
];
