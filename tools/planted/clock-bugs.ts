import type { PlantedBug } from './bugs.ts';

const POSTGRES = 'src/platform/postgres';
const ESTIMATE = `${POSTGRES}/clock-estimate.ts`;
const NODE_CLOCK_TEST = [`${POSTGRES}/node-clock.int.test.ts`];
const PEERS = `${POSTGRES}/clock-peers.ts`;
const PEERS_TEST = [`${POSTGRES}/clock-peers.int.test.ts`];
const SCHEDULER = 'src/platform/scheduling/scheduler.ts';
const SCHEDULER_TEST = ['src/platform/scheduling/scheduler.int.test.ts'];
const NODE_LEASE = `${POSTGRES}/node-lease.ts`;
const NODE_LEASE_TEST = [`${POSTGRES}/node-lease.int.test.ts`];
const WITHOUT_IDS_TEST = ['test/batching/without-ids.test.ts'];

/** Against what keeps a wrong clock from ending other nodes' business, and a moment without ids from ending a job. */
export const CLOCK_BUGS: readonly PlantedBug[] = [
  {
    name: 'clock: a batch decides by the estimate of its node',
    file: `${POSTGRES}/batch-transaction.ts`,
    within: 'batchTransaction',
    search: 'database.time.presentAt(databaseMs)',
    replace: 'database.time.presentAt(sentMs)',
    tests: [`${POSTGRES}/batch-transaction.int.test.ts`],
    only: 'a batch is decided at the time of the database',
  },
  {
    name: 'clock: the estimate follows the wall clock',
    file: ESTIMATE,
    within: 'clockEstimate',
    search: 'return Math.floor(last.databaseMs + passedMs);',
    replace: 'return Math.floor(last.databaseMs + passedMs + apartMs);',
    tests: NODE_CLOCK_TEST,
  },
  {
    name: "clock: a step back of the database's clock is not noticed",
    file: ESTIMATE,
    within: 'clockEstimate',
    search: 'databaseMs < sentMs ? databaseMs - sentMs : Math.max(',
    replace: 'Math.max(',
    tests: [`${POSTGRES}/clock-estimate.test.ts`],
  },
  {
    name: 'clock: a manual change is decided at the estimated time',
    file: 'src/contexts/coupon/adapters/postgres/policy/policy-store.ts',
    within: 'postgresPolicyStore',
    search: 'database.time.presentAt(timeIn(await client.query(READ_TIME.text)))',
    replace: 'database.time.presentAt(database.time.estimate())',
    tests: ['src/contexts/coupon/adapters/postgres/policy/policy-store.int.test.ts'],
  },
  {
    name: 'clock: a manual action is recorded at the estimated time',
    file: 'src/contexts/coupon/adapters/postgres/policy/policy-store.ts',
    within: 'postgresPolicyStore',
    search: 'new Date(await readNow(client))',
    replace: 'new Date(database.time.estimate())',
    tests: ['src/contexts/coupon/adapters/postgres/policy/policy-store.int.test.ts'],
    only: 'a manual action is recorded',
  },
  {
    name: 'clock: the end of one refresh ends another',
    file: 'src/platform/kernel/cached-fact.ts',
    within: 'endRefresh',
    search: 'fact.refreshStartedAtMs === refreshStartedAtMs && ',
    replace: '',
    tests: ['src/contexts/order/application/time-sale/sold-out-cache.test.ts'],
  },
  {
    name: 'clock: a jump is not noticed',
    file: ESTIMATE,
    within: 'clockEstimate',
    search: 'if (Math.abs(apartMs) > JUMP_MS)',
    replace: 'if (apartMs > 10 ** 12)',
    tests: NODE_CLOCK_TEST,
  },
  {
    name: 'clock: an old measurement is trusted for ever',
    file: ESTIMATE,
    within: 'clockEstimate',
    search: 'monotonic() - last.monotonicMs < AGE_MAX_MS && ',
    replace: '',
    tests: NODE_CLOCK_TEST,
  },
  {
    name: 'clock: a node that does not know the time runs jobs',
    file: SCHEDULER,
    within: 'createScheduler',
    search:
      "if (!isTimeTrusted()) throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'this node does not know the time');",
    replace: '',
    tests: SCHEDULER_TEST,
    only: 'does not know the time',
  },
  {
    name: 'clock: a run goes on when its node no longer knows the time',
    file: SCHEDULER,
    within: 'createScheduler',
    search: 'isTimeTrusted() && (await taken.touch())',
    replace: 'await taken.touch()',
    tests: SCHEDULER_TEST,
    only: 'does not know the time',
  },
  {
    name: 'clock: readiness believes what others measured before a failover',
    file: PEERS,
    within: 'PEER_AGREES',
    search: 'clock_measured_at >= to_timestamp($2::float8 / 1000)',
    replace: "clock_measured_at >= to_timestamp($2::float8 / 1000) - interval '1 hour'",
    tests: PEERS_TEST,
  },
  {
    name: 'clock: a node with a wrong clock serves beside those that are right',
    file: PEERS,
    within: 'clockPeers',
    search: 'return rows[0]?.agrees ?? false;',
    replace: 'return false;',
    tests: PEERS_TEST,
  },
  {
    name: 'clock: points are moved at any time that a node takes for the present',
    file: 'src/contexts/point/application/point-ledger.ts',
    within: 'ledgerBatch',
    search: '      requireOnTime(nowMs, storeMs);\n',
    replace: '',
    tests: ['src/contexts/point/test/wrong-clock.int.test.ts'],
  },
  {
    name: 'ids: issuing takes them under the locks',
    file: 'src/contexts/coupon/application/issue/issue-batch.ts',
    within: 'executeBatch',
    search: 'const ids = reserveIds(nextId, open.length);',
    replace: 'const ids = nextId;',
    tests: WITHOUT_IDS_TEST,
  },
  {
    name: 'ids: orders take them under the locks',
    file: 'src/contexts/order/application/order-batcher.ts',
    within: 'orderBatch',
    search: 'const ids = reserveIds(nextId, batch.length);',
    replace: 'const ids = nextId;',
    tests: WITHOUT_IDS_TEST,
  },
  {
    name: 'ids: a moment without them counts as a bad command',
    file: `${POSTGRES}/failures.ts`,
    within: 'classifyOne',
    search: ' || error instanceof Unavailable',
    replace: '',
    tests: [...WITHOUT_IDS_TEST, 'src/contexts/coupon/test/job-lease.int.test.ts'],
  },
  {
    name: 'ids: a new lease ends where it begins',
    file: NODE_LEASE,
    within: 'leaseNode',
    search: 'untilMs: fresh.untilMs',
    replace: 'untilMs: nowMs',
    tests: NODE_LEASE_TEST,
  },
  {
    name: 'ids: a renewed lease ends later than its row says',
    file: NODE_LEASE,
    within: 'leaseNode',
    search: 'untilMs: renewed, deadline',
    replace: 'untilMs: renewed + LEASE_MS, deadline',
    tests: NODE_LEASE_TEST,
  },
  {
    name: 'audit: the limit of a user is the present one only',
    file: 'src/contexts/coupon/adapters/postgres/policy/policy-store.ts',
    within: 'postgresPolicyStore',
    search: 'Math.max(row.formerIssuePerUser, row.maxIssuePerUser)',
    replace: 'row.maxIssuePerUser',
    tests: ['src/contexts/coupon/adapters/postgres/audits/audits.int.test.ts'],
    only: 'that was lowered',
  },
  {
    name: 'audit: reservations may be overdue for ever',
    file: 'src/contexts/coupon/adapters/postgres/audits/overdue-reservations.sql',
    search: 'from overdue where late and ',
    replace: 'from overdue where false and ',
    tests: ['src/contexts/coupon/adapters/postgres/audits/lifecycle-audits.int.test.ts'],
    only: 'late by more than two periods',
  },
  {
    name: 'sandbox: a clock that is moved to an earlier time goes back',
    file: 'src/platform/sandbox/adjustable-clock.ts',
    within: 'MOVE_TO',
    search: ' where c.ahead_ms < excluded.ahead_ms',
    replace: '',
    tests: ['src/platform/sandbox/adjustable-clock.int.test.ts'],
  },
];
