import type { PlantedBug } from './bugs.ts';

const OPTIMISTIC = 'src/contexts/coupon/adapters/postgres/issue/optimistic-issue.ts';
const ISSUE_MAPPINGS = 'src/contexts/coupon/adapters/postgres/issue/issue-mappings.ts';
const ISSUE_PATHS = 'src/contexts/coupon/application/issue/issue-paths.ts';
const PATHS_TEST = ['src/contexts/coupon/application/issue/issue-paths.test.ts'];
const OPTIMISTIC_TEST = ['src/contexts/coupon/test/optimistic.int.test.ts'];

/** Against the guards of batches that are issued by one statement. */
export const OPTIMISTIC_BUGS: readonly PlantedBug[] = [
  {
    name: 'one statement: the refusal epoch is not compared',
    file: ISSUE_MAPPINGS,
    within: 'EXPECTED_POLICY',
    search: 'refusalEpoch: shared(couponPolicies.refusalEpoch),',
    replace: '',
    tests: OPTIMISTIC_TEST,
  },
  {
    name: 'one statement: the window is not compared',
    file: ISSUE_MAPPINGS,
    within: 'EXPECTED_POLICY',
    search: `validFromMs: shared(millis(couponPolicies.validFrom)),
      validUntilMs: shared(millis(couponPolicies.validUntil)),`,
    replace: '',
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
    search: '  await client.query(FENCE, [coupon.policyId]);\n',
    replace: '',
    tests: OPTIMISTIC_TEST,
  },
  {
    name: 'one statement: it may start at any time',
    file: OPTIMISTIC,
    within: 'ISSUE',
    search: 'isOnTime(',
    replace: "((decidedAt: string) => decidedAt + '::float8 > 0')(",
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
    search: 'if (!changed || !first || decision.issued.length < commands.length) return undefined;',
    replace: 'if (!changed || !first) return undefined;',
    tests: OPTIMISTIC_TEST,
  },
  {
    name: 'one statement: it is tried for a user who is known to hold a coupon',
    file: ISSUE_PATHS,
    within: 'issuePaths',
    search: "? 'locked' : 'optimistic',",
    replace: "? 'optimistic' : 'optimistic',",
    tests: PATHS_TEST,
  },
  {
    name: 'one statement: two of them run at the same time',
    file: ISSUE_PATHS,
    within: 'issuePaths',
    search: "last === 'optimistic' ? 1 : CONCURRENCY_MAX",
    replace: 'CONCURRENCY_MAX',
    tests: PATHS_TEST,
  },
];
