import { ACCOUNT_BUGS } from './account-bugs.ts';
import { AUDIT_BUGS } from './audit-bugs.ts';
import { BOUNDS_BUGS } from './bounds-bugs.ts';
import { CHECKOUT_BUGS } from './checkout-bugs.ts';
import { CLIENT_BUGS } from './client-bugs.ts';
import { CLOCK_BUGS } from './clock-bugs.ts';
import { CLUSTER_BUGS } from './cluster-bugs.ts';
import { COMMAND_BUGS } from './command-bugs.ts';
import { COUNTER_BUGS } from './counter-bugs.ts';
import { DELIVERY_BUGS } from './delivery-bugs.ts';
import { DOCTOR_BUGS } from './doctor-bugs.ts';
import { DOCUMENT_BUGS } from './document-bugs.ts';
import { EDGE_BUGS } from './edge-bugs.ts';
import { EVENT_BUGS } from './event-bugs.ts';
import { FILE_BUGS } from './file-bugs.ts';
import { IDEMPOTENCY_BUGS } from './idempotency-bugs.ts';
import { IMAGE_BUGS } from './image-bugs.ts';
import { ISSUER_BUGS } from './issuer-bugs.ts';
import { MAIL_BUGS } from './mail-bugs.ts';
import { MAPPING_BUGS } from './mapping-bugs.ts';
import { MONITORING_BUGS } from './monitoring-bugs.ts';
import { NOTICE_BUGS } from './notice-bugs.ts';
import { NOTICE_JOB_BUGS } from './notice-job-bugs.ts';
import { OPTIMISTIC_BUGS } from './optimistic-bugs.ts';
import { ORDER_STEP_BUGS } from './order-step-bugs.ts';
import { OVERLOAD_BUGS } from './overload-bugs.ts';
import { PACKAGE_BUGS } from './package-bugs.ts';
import { PAYMENT_BUGS } from './payment-bugs.ts';
import { POINT_BUGS } from './point-bugs.ts';
import { POOLER_BUGS } from './pooler-bugs.ts';
import { PUBLIC_READ_BUGS } from './public-read-bugs.ts';
import { QUOTE_BUGS } from './quote-bugs.ts';
import { REDIS_BUGS } from './redis-bugs.ts';
import { REPLICA_BUGS } from './replica-bugs.ts';
import { ROUTE_BUGS } from './route-bugs.ts';
import { RUSH_BUGS } from './rush-bugs.ts';
import { SALE_BUGS } from './sale-bugs.ts';
import { SERVICE_BUGS } from './service-bugs.ts';
import { SESSION_BUGS } from './session-bugs.ts';
import { SHARD_BUGS } from './shard-bugs.ts';
import { SIMULATION_BUGS } from './simulation-bugs.ts';
import { STORE_BUGS } from './store-bugs.ts';
import { STREAM_BUGS } from './stream-bugs.ts';
import { SUBSCRIPTION_BUGS } from './subscription-bugs.ts';
import { TERMS_BUGS } from './terms-bugs.ts';
import { TIME_SALE_BUGS } from './time-sale-bugs.ts';
import { WAITING_BUGS } from './waiting-bugs.ts';
import { WEBHOOK_BUGS } from './webhook-bugs.ts';
import { WORKER_BUGS } from './worker-bugs.ts';

/**
 * A small mutation of the code that at least one test must catch.
 *
 * All texts are plain code, so that a rename of words in the whole repository, this folder included, leaves an entry
 * right. Reformatting changes nothing: code is compared token by token.
 */
export interface PlantedBug {
  readonly name: string;
  readonly file: string;
  /**
   * The declaration that contains the code: `createBatcher`, or `createBatcher.attempt` for one inside another. A function, a
   * const, a class or a member of one, a property, a type. Files that are not TypeScript have none.
   */
  readonly within?: string;
  /** Occurs exactly once in that declaration. May be any run of whole tokens, also of a text such as an SQL statement. */
  readonly search: string;
  /** The file still has the syntax of a program with it. */
  readonly replace: string;
  /** The test files of which at least one fails. They run one after the other: put the one most likely to fail first. */
  readonly tests: readonly string[];
  /** Only tests whose full name matches this expression run: saves time where a file is long. */
  readonly only?: string;
}

const LANE = 'src/platform/batching/batcher.ts';
const GROUP = 'src/platform/postgres/batch-transaction.ts';
const ISSUE = 'src/contexts/coupon/domain/issue/issue.ts';
const CACHED_FACT = 'src/platform/kernel/cached-fact.ts';
const REFUSAL_CACHE = 'src/contexts/coupon/application/issue/refusal-cache.ts';
const COUPON_THERE = 'src/contexts/coupon/adapters/postgres/issue/is-coupon-there.ts';
const ISSUE_STORE = 'src/contexts/coupon/adapters/postgres/issue/issue-store.ts';
const POLICY_STORE = 'src/contexts/coupon/adapters/postgres/policy/policy-store.ts';
const MIGRATION = 'src/contexts/coupon/adapters/postgres/migrations/0000_coupon.sql';

const COUPON = 'src/contexts/coupon/domain/lifecycle/coupon.ts';
const RESERVE = 'src/contexts/coupon/domain/lifecycle/reserve.ts';
const RESERVATION_STEPS = 'src/contexts/coupon/domain/lifecycle/reservation-steps.ts';
const DISCOUNT = 'src/contexts/coupon/domain/lifecycle/discount.ts';
const PAYMENT = 'src/contexts/coupon/domain/lifecycle/payment.ts';
const WITHDRAW = 'src/contexts/coupon/domain/lifecycle/withdraw.ts';
const STATISTICS = 'src/contexts/statistics';
const HOUR_ROWS = `${STATISTICS}/adapters/postgres/hour-rows.ts`;
const RECOUNT = `${STATISTICS}/application/recount.ts`;
const COUPON_FACT = `${STATISTICS}/domain/coupon-fact.ts`;
const STATISTICS_STORE = `${STATISTICS}/adapters/postgres/statistics-store.ts`;
const STATISTICS_AUDIT = 'src/app/audits/statistics-audit.ts';

const ORDER = 'src/contexts/order';
const PRODUCTS_TEST = [`${ORDER}/test/products.int.test.ts`];
const TIME_SALES_TEST = [`${ORDER}/test/time-sales.int.test.ts`];

const CODE = 'src/contexts/coupon/domain/codes/code.ts';
const CODE_TEST = ['src/contexts/coupon/domain/codes/code.test.ts'];
const CODES_TEST = ['src/contexts/coupon/test/coupon-codes.int.test.ts'];
const CODE_ATTACKS = ['test/attacks/coupon-codes.int.test.ts'];

const POINT = 'src/contexts/point';
const POINT_READS = `${POINT}/adapters/postgres/ledger-reads.ts`;
const LEDGER_TEST = [`${POINT}/domain/ledger.test.ts`];
const POINT_STORE_TEST = [`${POINT}/test/point-store.int.test.ts`];
const INSERT_ONLY_TEST = [`${POINT}/test/insert-only.int.test.ts`];

const INBOX = 'src/platform/postgres/inbox.ts';
const EVENTS = 'src/platform/events';
const INBOX_TEST = ['src/platform/postgres/inbox.int.test.ts'];
const REPLAY_TEST = [`${EVENTS}/replay.int.test.ts`];

const LANE_TEST = ['src/platform/batching/batcher.test.ts'];
const GROUP_TEST = ['src/platform/postgres/batch-transaction.int.test.ts'];
const ISSUE_TEST = ['src/contexts/coupon/domain/issue/issue.test.ts'];
const SCHEDULER_TEST = ['src/platform/scheduling/scheduler.int.test.ts'];
const WINDOWS_TEST = ['src/contexts/coupon/adapters/postgres/policy/policy-windows.int.test.ts'];
const JOBS_TEST = ['src/contexts/coupon/test/jobs.int.test.ts'];
const REFUSAL_CACHE_TEST = ['src/contexts/coupon/application/issue/refusal-cache.test.ts'];
const STORE_TEST = ['src/contexts/coupon/test/coupon-store.int.test.ts'];
const STATISTICS_TEST = [`${STATISTICS}/test/statistics.int.test.ts`];
const STATISTICS_AUDIT_TEST = ['src/app/audits/statistics-audit.int.test.ts'];
const STATISTICS_ATTACKS = ['test/attacks/statistics.int.test.ts'];
const LIFECYCLE_AUDITS_TEST = ['src/contexts/coupon/adapters/postgres/audits/lifecycle-audits.int.test.ts'];

const LIFECYCLE_READS = 'src/contexts/coupon/adapters/postgres/lifecycle/lifecycle-reads.ts';
const LIFECYCLE_STORE_TEST = ['src/contexts/coupon/test/lifecycle-store.int.test.ts'];
const LIFE_ATTACKS = ['test/attacks/coupon-use.int.test.ts'];
const DISCOUNT_TEST = ['src/contexts/coupon/domain/lifecycle/discount.test.ts'];
const LIFECYCLE_TEST = ['src/contexts/coupon/domain/lifecycle/lifecycle.test.ts'];

const BUS = 'src/platform/events';
const BUS_TEST = [`${BUS}/bus-in-process.test.ts`];
const KAFKA_TEST = [`${BUS}/bus-kafka.int.test.ts`];

export const BUGS: readonly PlantedBug[] = [
  ...CHECKOUT_BUGS,
  ...TERMS_BUGS,
  ...CLUSTER_BUGS,
  ...COMMAND_BUGS,
  ...COUNTER_BUGS,
  ...POOLER_BUGS,
  ...NOTICE_BUGS,
  ...QUOTE_BUGS,
  ...WAITING_BUGS,
  ...WEBHOOK_BUGS,
  ...MONITORING_BUGS,
  ...WORKER_BUGS,
  ...MAIL_BUGS,
  ...STREAM_BUGS,
  ...DELIVERY_BUGS,
  ...MAPPING_BUGS,
  ...OPTIMISTIC_BUGS,
  ...REDIS_BUGS,
  ...PUBLIC_READ_BUGS,
  ...CLIENT_BUGS,
  ...CLOCK_BUGS,
  ...ORDER_STEP_BUGS,
  ...EVENT_BUGS,
  ...IDEMPOTENCY_BUGS,
  ...OVERLOAD_BUGS,
  ...PACKAGE_BUGS,
  ...PAYMENT_BUGS,
  ...POINT_BUGS,
  ...REPLICA_BUGS,
  ...ROUTE_BUGS,
  ...DOCTOR_BUGS,
  ...DOCUMENT_BUGS,
  ...EDGE_BUGS,
  ...BOUNDS_BUGS,
  ...FILE_BUGS,
  ...ACCOUNT_BUGS,
  ...SERVICE_BUGS,
  ...AUDIT_BUGS,
  ...ISSUER_BUGS,
  ...SESSION_BUGS,
  ...SHARD_BUGS,
  ...SIMULATION_BUGS,
  ...RUSH_BUGS,
  ...SALE_BUGS,
  ...TIME_SALE_BUGS,
  ...IMAGE_BUGS,
  ...STORE_BUGS,
  ...SUBSCRIPTION_BUGS,
  ...NOTICE_JOB_BUGS,
  {
    name: 'bus: an outage taken for poison',
    file: `${BUS}/handler-failure.ts`,
    within: 'failureOf',
    search: "=== 'poison' ? 'poison' : 'outage'",
    replace: "=== 'poison' ? 'poison' : 'poison'",
    tests: BUS_TEST,
    only: 'while a dependency of its consumer',
  },
  {
    name: 'bus: the later half of a bad batch handled first',
    file: `${BUS}/batch-delivery.ts`,
    within: 'batchDelivery',
    search: '[items.slice(0, middle), items.slice(middle)]',
    replace: '[items.slice(middle), items.slice(0, middle)]',
    tests: BUS_TEST,
    only: 'only an event that fails alone',
  },
  {
    name: 'bus: offsets committed for what was only fetched',
    file: `${BUS}/kafka/consumer.ts`,
    within: 'kafkaConsumer',
    search: 'owned.settled = offset + 1n',
    replace: 'owned.settled = owned.fetchFrom',
    tests: KAFKA_TEST,
    only: 'whose handling a stop interrupts',
  },
  {
    name: 'row lock left out',
    file: ISSUE_STORE,
    within: 'LOCK_POLICIES',
    search: 'order by p.id for no key update',
    replace: 'order by p.id',
    tests: STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'locks taken in the order of the commands',
    file: ISSUE_STORE,
    within: 'LOCK_POLICIES',
    search: 'order by p.id for no key update',
    replace: 'order by array_position($1::bigint[], p.id) for no key update',
    tests: STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'holdings loaded before the lock',
    file: ISSUE_STORE,
    within: 'issueReads',
    search: `reads.set('policies', lockPolicies(commands));
  reads.set('holdings', loadHoldings(commands));`,
    replace: `reads.set('holdings', loadHoldings(commands));
  reads.set('policies', lockPolicies(commands));`,
    tests: STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'transactions at the isolation level of the server',
    file: GROUP,
    within: 'BEGIN',
    search: "'BEGIN ISOLATION LEVEL READ COMMITTED'",
    replace: "'BEGIN'",
    tests: STORE_TEST,
    only: 'stricter by default',
  },
  {
    name: 'a claim that takes what was seen',
    file: INBOX,
    within: 'CLAIM_EVENTS',
    search: 'claimed = excluded.seen - i.seen',
    replace: 'claimed = excluded.seen',
    tests: INBOX_TEST,
  },
  {
    name: 'a claim that forgets what was seen',
    file: INBOX,
    within: 'CLAIM_EVENTS',
    search: 'seen = i.seen + excluded.seen',
    replace: 'seen = excluded.seen',
    tests: INBOX_TEST,
  },
  {
    name: 'an invalid event set aside after the next row has left',
    file: `${EVENTS}/outbox-drain.ts`,
    within: 'outboxDrain',
    search: 'await start(row);',
    replace: 'void start(row);',
    tests: [`${EVENTS}/relay.int.test.ts`],
    only: 'becomes a dead letter',
  },
  {
    name: 'a replay for everybody',
    file: `${EVENTS}/replay.ts`,
    within: 'deliverAgain',
    search: 'consumer === RELAY ? undefined : consumer',
    replace: 'undefined',
    tests: REPLAY_TEST,
  },
  {
    name: 'a letter that failed again removed',
    file: `${EVENTS}/dead-letters.ts`,
    within: 'PUT',
    search: ', replay_at = null`',
    replace: '`',
    tests: REPLAY_TEST,
  },
  {
    name: 'outbox row left out',
    file: 'src/platform/batching/postgres-batches.ts',
    within: 'postgresBatches',
    search: '...insertEvents(batchId, events),',
    replace: '',
    tests: STORE_TEST,
    only: 'one row of events',
  },
  {
    name: 'a lost COMMIT counts as committed',
    file: COUPON_THERE,
    within: 'isCouponThere',
    search: 'return (await client.query(IS_THERE, [couponId])).rowCount === 1;',
    replace: 'return true;',
    tests: STORE_TEST,
    only: 'breaks at COMMIT',
  },
  {
    name: 'a lost COMMIT counts as rolled back',
    file: COUPON_THERE,
    within: 'isCouponThere',
    search: 'return (await client.query(IS_THERE, [couponId])).rowCount === 1;',
    replace: 'return false;',
    tests: STORE_TEST,
    only: 'breaks at COMMIT',
  },
  {
    name: 'a lost COMMIT looked up while it may still be running',
    file: COUPON_THERE,
    within: 'isCouponThere',
    search: 'await lockPolicy(client, policyId);',
    replace: '',
    tests: STORE_TEST,
    only: 'breaks at COMMIT',
  },
  {
    name: 'unique index of holdings dropped',
    file: MIGRATION,
    search: 'CREATE UNIQUE INDEX "coupon_issues_holding"',
    replace: 'CREATE INDEX "coupon_issues_holding"',
    tests: STORE_TEST,
    only: 'written directly',
  },
  {
    name: 'unique index of sequence numbers dropped',
    file: MIGRATION,
    search: 'CREATE UNIQUE INDEX "coupon_issues_sequence"',
    replace: 'CREATE INDEX "coupon_issues_sequence"',
    tests: STORE_TEST,
    only: 'written directly',
  },
  {
    name: 'a manual change without the lock',
    file: POLICY_STORE,
    within: 'postgresPolicyStore',
    search: ".for('no key update')",
    replace: '',
    tests: STORE_TEST,
    only: 'changes by hand wait',
  },
  {
    name: 'a manual change without a new refusal epoch',
    file: POLICY_STORE,
    within: 'postgresPolicyStore',
    search: 'refusalEpoch: row.refusalEpoch + 1',
    replace: 'refusalEpoch: row.refusalEpoch',
    tests: STORE_TEST,
    only: 'PostgreSQL.*changes by hand',
  },
  {
    name: 'commit tag ignored',
    file: GROUP,
    within: 'writeRoundTrip',
    search: "commit.value.command !== 'COMMIT'",
    replace: 'false',
    tests: GROUP_TEST,
  },
  {
    name: 'a broken connection at COMMIT taken for a rollback, unasked',
    file: GROUP,
    within: 'batchTransaction',
    search: 'return await settleLostCommit(result,',
    replace: 'throw outcome; await settleLostCommit(result,',
    tests: GROUP_TEST,
  },
  {
    name: 'a connection that breaks in use ends the process',
    file: 'src/platform/postgres/session.ts',
    within: 'Session',
    search: "this.on('error', () => this.#hosts.forget());",
    replace: '',
    tests: GROUP_TEST,
  },
  {
    name: 'a pool ends while statements wait for its connections',
    file: 'src/platform/postgres/session-pool.ts',
    within: 'endPool',
    search: 'while (pool.waitingCount > 0 && performance.now() < untilMs) await sleep(POLL_MS);',
    replace: '',
    tests: ['src/platform/postgres/session-pool.int.test.ts'],
  },
  {
    name: 'a frozen holder of a lock keeps it',
    file: 'src/platform/postgres/database.ts',
    within: 'openDatabase',
    search: 'idle_in_transaction_session_timeout: 2_000,',
    replace: '',
    tests: GROUP_TEST,
  },
  {
    name: 'commands of a batch do not see each other',
    file: ISSUE,
    within: 'decideIssues',
    search: 'policy.issuedTo.get(command.userId) ?? snapshot.holdings',
    replace: 'snapshot.holdings',
    tests: ISSUE_TEST,
  },
  {
    name: 'each command decided on the policy as it was loaded',
    file: ISSUE,
    within: 'workingPolicyFor',
    search: 'if (existing) return existing;',
    replace: '',
    tests: ISSUE_TEST,
  },
  {
    name: 'one coupon too many',
    file: ISSUE,
    within: 'closedRefusal',
    search: 'policy.issuedCount >= policy.maxIssueCount',
    replace: 'policy.issuedCount > policy.maxIssueCount',
    tests: ISSUE_TEST,
  },
  {
    name: 'limit of a user off by one',
    file: ISSUE,
    within: 'refusalFor',
    search: 'held.length >= policy.maxIssuePerUser',
    replace: 'held.length > policy.maxIssuePerUser',
    tests: ISSUE_TEST,
  },
  {
    name: 'sequence number from the count',
    file: ISSUE,
    within: 'issue',
    search: 'policy.lastSequenceNo += 1;',
    replace: 'policy.lastSequenceNo = policy.issuedCount;',
    tests: ISSUE_TEST,
  },
  {
    name: 'a taken slot assigned again',
    file: ISSUE,
    within: 'issue',
    search: 'slot: freeSlot(held),',
    replace: 'slot: held.length,',
    tests: ISSUE_TEST,
  },
  {
    name: 'window end inclusive',
    file: ISSUE,
    within: 'closedRefusal',
    search: 'nowMs >= policy.validUntilMs',
    replace: 'nowMs > policy.validUntilMs',
    tests: ISSUE_TEST,
  },
  {
    name: 'sold out before already issued',
    file: ISSUE,
    within: 'refusalFor',
    search:
      "if (first && held.length >= policy.maxIssuePerUser) return limitReached(policy, first);\n  return closedRefusal(policy, nowMs) ?? formerCode(policy, command) ?? (claim && refused(refuse('COUPON_ALREADY_USED')));",
    replace:
      'const closed = closedRefusal(policy, nowMs);\n  if (closed) return closed;\n  return first && held.length >= policy.maxIssuePerUser ? limitReached(policy, first) : undefined;',
    tests: ISSUE_TEST,
  },
  {
    name: 'earlier coupons of codes and events ignored',
    file: ISSUE,
    within: 'decideIssues',
    search: 'claims.get(key) ?? snapshot.claim(command)',
    replace: 'claims.get(key)',
    tests: ISSUE_TEST,
  },
  {
    name: 'an earlier coupon of a code in the same batch ignored',
    file: ISSUE,
    within: 'decideIssues',
    search: 'claims.get(key) ?? snapshot.claim(command)',
    replace: 'snapshot.claim(command)',
    tests: ISSUE_TEST,
  },
  {
    name: 'the coupon of a code counted as held by its user',
    file: 'src/contexts/coupon/application/issue/issue-batch.ts',
    within: 'rememberHolder',
    search: 'if (code !== undefined) return false;',
    replace: '',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'a job step repeated by a runner that was frozen',
    file: 'src/contexts/coupon/adapters/postgres/jobs/job-step.ts',
    within: 'requireLease',
    search: 'if (held?.rowCount !== 1) throw',
    replace: 'if (false) throw',
    tests: JOBS_TEST,
    only: 'advanced by no other',
  },
  {
    name: 'the progress of a job stored outside its transaction',
    file: 'src/contexts/coupon/adapters/postgres/jobs/row-issue-store.ts',
    within: 'postgresRowIssueStore',
    search: '...advanceJob(job, rows, errors)',
    replace: '',
    tests: JOBS_TEST,
    only: 'stores each row that failed',
  },
  {
    name: 'a job acquired while another runner has it',
    file: 'src/contexts/coupon/adapters/postgres/jobs/job-store.ts',
    within: 'ACQUIRE',
    search: ' and (lease_until is null or lease_until < clock_timestamp())',
    replace: '',
    tests: JOBS_TEST,
    only: 'advanced by no other',
  },
  {
    name: 'refusals kept after a new epoch',
    file: REFUSAL_CACHE,
    within: 'createRefusalCache',
    search: 'if (policy.refusalEpoch > entry.policy.refusalEpoch) {',
    replace: 'if (false) {',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'a holder of an older epoch cached',
    file: REFUSAL_CACHE,
    within: 'createRefusalCache',
    search: ' || entry.policy.refusalEpoch !== epoch',
    replace: '',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'refusals trusted forever',
    file: REFUSAL_CACHE,
    within: 'isTrustedSince',
    search: 'isFresh(entry, steadyMs) ||',
    replace: 'true ||',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'refusals from the future trusted',
    file: CACHED_FACT,
    within: 'isTrusted',
    search: 'ageMs >= 0 && ',
    replace: '',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'refusals from the future trusted for requests that were queued',
    file: REFUSAL_CACHE,
    within: 'isTrustedSince',
    search: 'steadyMs >= entry.readAtMs && ',
    replace: '',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'refusals from the future taken for fresh',
    file: CACHED_FACT,
    within: 'isFresh',
    search: 'nowMs >= readAtMs && ',
    replace: '',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'the request that refreshes the cache refused from it',
    file: 'src/contexts/coupon/application/issue/issue-batch.ts',
    within: 'executeBatch',
    search: 'if (isRefresh || idempotency || !refusalCache',
    replace: 'if (idempotency || !refusalCache',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'facts trusted without a refresh',
    file: CACHED_FACT,
    within: 'isTrusted',
    search: 'ageMs < (isRefreshing(fact, nowMs) ? REFRESH_WAIT_MS : TRUST_MS)',
    replace: 'ageMs < REFRESH_WAIT_MS',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'sold out returned while not all holders are cached',
    file: REFUSAL_CACHE,
    within: 'refusalOf',
    search: 'return entry.complete ? closedRefusal(entry.policy, nowMs) : undefined;',
    replace: 'return closedRefusal(entry.policy, nowMs);',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'holders still complete after another node issued a coupon',
    file: REFUSAL_CACHE,
    within: 'createRefusalCache',
    search: 'entry.complete = false;\n    }\n    if (policy.lastSequenceNo >=',
    replace: '}\n    if (policy.lastSequenceNo >=',
    tests: REFUSAL_CACHE_TEST,
  },
  {
    name: 'second half of a poisoned group skipped',
    file: LANE,
    within: 'createBatcher',
    search: 'const settleSecond = await attempt(batch.slice(middle), since);',
    replace: 'const settleSecond = () => {};',
    tests: LANE_TEST,
  },
  {
    name: 'results answered in the wrong order',
    file: LANE,
    within: 'createBatcher',
    search: 'results[place] as Result',
    replace: 'results[results.length - 1 - place] as Result',
    tests: LANE_TEST,
  },
  {
    name: 'a group of unknown outcome sent again',
    file: LANE,
    within: 'createBatcher',
    search: "failure !== 'transient' || ",
    replace: '',
    tests: LANE_TEST,
  },
  {
    name: 'age of the queue ignored',
    file: LANE,
    within: 'createBatcher',
    search: 'now - oldest.admittedAt > queueAgeMaxMs',
    replace: 'false',
    tests: LANE_TEST,
  },
  {
    name: 'length of the queue ignored',
    file: LANE,
    within: 'createBatcher',
    search: 'queue.length >= queueMax || ',
    replace: '',
    tests: LANE_TEST,
  },
  {
    name: 'normal commands before urgent ones',
    file: LANE,
    within: 'createBatcher',
    search: 'moveTo(batch, urgent);\n      moveTo(batch, normal);',
    replace: 'moveTo(batch, normal);\n      moveTo(batch, urgent);',
    tests: LANE_TEST,
  },
  {
    name: 'every queued group waits its full time in an outage',
    file: LANE,
    within: 'createBatcher',
    search: 'stuckSince = Math.min(stuckSince ?? since, since);',
    replace: 'stuckSince = since;',
    tests: LANE_TEST,
  },
  {
    name: 'a wrong number of results goes unnoticed',
    file: LANE,
    within: 'createBatcher',
    search: 'results.length !== batch.length',
    replace: 'false',
    tests: LANE_TEST,
  },
  {
    name: 'statistics: an event added to a closed hour',
    file: HOUR_ROWS,
    within: 'ADD',
    search: '\n  where not h.closed`',
    replace: '`',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: an event counted each time it comes',
    file: STATISTICS_STORE,
    within: 'postgresStatisticsStore',
    search: 'tally(await handleOnce(client, CONSUMER, events))',
    replace: '(await handleOnce(client, CONSUMER, events), tally(events))',
    tests: STATISTICS_TEST,
    only: 'counting events',
  },
  {
    name: 'statistics: a recount closes the present hour',
    file: RECOUNT,
    within: 'recount',
    search: '(await now()) - SETTLE_MS - HOUR_MS',
    replace: 'await now()',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: an hour recounted before its last facts are committed',
    file: RECOUNT,
    within: 'recount',
    search: '(await now()) - SETTLE_MS - HOUR_MS',
    replace: '(await now()) - HOUR_MS',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: hours cut where a part of a recount ends',
    file: RECOUNT,
    within: 'recount',
    search: 'to: new Date(untilMs + HOUR_MS)',
    replace: 'to: new Date(untilMs)',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: a late fact never found',
    file: RECOUNT,
    within: 'recount',
    search: 'Math.min(doneMs, endMs - LOOK_BACK_MS)',
    replace: 'Math.min(doneMs, endMs)',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: a recount leaves what never happened',
    file: STATISTICS_STORE,
    within: 'postgresStatisticsStore',
    search: '[...recounted, ...vanished]',
    replace: '[...recounted]',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: days of UTC',
    file: `${STATISTICS}/domain/tally.ts`,
    within: 'tally',
    search: 'localHour(fact.timezone, fact.atMs)',
    replace: "localHour('UTC', fact.atMs)",
    tests: STATISTICS_TEST,
    only: 'counting events',
  },
  {
    name: 'statistics: the two hours of a clock set back are one',
    file: 'src/platform/kernel/time-zone.ts',
    within: 'lookUp',
    search: 'startsAtMs: local - offsetMs',
    replace: 'startsAtMs: local - zoneOffset(timezone, Date.parse(`${text.slice(0, 10)}T00:00:00Z`))',
    tests: ['src/platform/kernel/time-zone.test.ts'],
  },
  {
    name: 'statistics: a withdrawn coupon counted as released',
    file: COUPON_FACT,
    within: 'READINGS',
    search: "reason === 'WITHDRAWN'",
    replace: "reason === 'CANCELLED'",
    tests: STATISTICS_TEST,
    only: 'counting events',
  },
  {
    name: 'statistics: a refund leaves the discount given',
    file: COUPON_FACT,
    within: 'READINGS',
    search: "what: () => 'restored', sign: -1n",
    replace: "what: () => 'restored', sign: 0n",
    tests: STATISTICS_TEST,
    only: 'counting events',
  },
  {
    name: 'statistics: an owner sees the policy of another',
    file: `${STATISTICS}/application/own-policy.ts`,
    within: 'ownPolicy',
    search: 'managesStore(manager, policy.terms?.storeId)',
    replace: 'true',
    tests: STATISTICS_ATTACKS,
    only: '32',
  },
  {
    name: 'statistics: an owner lists the days of everybody',
    file: `${STATISTICS}/application/list-daily.ts`,
    within: 'policiesOf',
    search: 'if (isOperator(principal?.role)) return undefined;',
    replace: "if (principal?.role !== 'CUSTOMER') return undefined;",
    tests: STATISTICS_ATTACKS,
    only: '32',
  },
  {
    name: 'statistics audit: a count too low passes',
    file: STATISTICS_AUDIT,
    within: 'compareStatistics',
    search: 'busy.has(hour.policyId) ? above : different',
    replace: 'above',
    tests: STATISTICS_AUDIT_TEST,
  },
  {
    name: 'statistics audit: events on their way taken for lost',
    file: STATISTICS_AUDIT,
    within: 'compareStatistics',
    search: ' || isQueued(id)',
    replace: '',
    tests: STATISTICS_AUDIT_TEST,
  },
  {
    name: 'audit: a second reservation of a coupon passes',
    file: 'src/contexts/coupon/adapters/postgres/audits/reservations.sql',
    search: 'where i.id is null or h.id is null',
    replace: 'where h.id is null',
    tests: LIFECYCLE_AUDITS_TEST,
    only: 'reservation',
  },
  {
    name: 'audit: a gap in a history passes',
    file: 'src/contexts/coupon/adapters/postgres/audits/history.sql',
    search: 'version <> 1 + coalesce(steps, 0) or ',
    replace: '',
    tests: LIFECYCLE_AUDITS_TEST,
    only: 'history|step',
  },
  {
    name: 'time: runs of a job may overlap',
    file: 'src/platform/scheduling/queue.ts',
    within: 'runQueue',
    search: "policy: 'exclusive'",
    replace: "policy: 'standard'",
    tests: SCHEDULER_TEST,
    only: 'never overlaps',
  },
  {
    name: 'time: a run is added again in its period',
    file: 'src/platform/scheduling/queue.ts',
    within: 'runQueue',
    search: 'await add(name, { singletonSeconds: everyMinutes * 60 });',
    replace: 'await add(name, { retryLimit: everyMinutes * 0 });',
    tests: SCHEDULER_TEST,
    only: 'once in its period',
  },
  {
    name: 'time: a frozen node goes on with a run that was given away',
    file: 'src/platform/scheduling/run-task.ts',
    within: 'runTask',
    search: '() => lost.abort()',
    replace: '() => undefined',
    tests: SCHEDULER_TEST,
    only: 'whose node is frozen',
  },
  {
    name: 'time: policies open a millisecond late',
    file: 'src/contexts/coupon/adapters/postgres/policy/policy-windows.ts',
    within: 'LOCK_DUE',
    search: 'p.valid_from <= $1::timestamptz',
    replace: 'p.valid_from < $1::timestamptz',
    tests: WINDOWS_TEST,
  },
  {
    name: 'time: the clock counts as an edit',
    file: 'src/contexts/coupon/adapters/postgres/policy/policy-transitions.ts',
    within: 'UPDATE_STATUSES',
    search: 'refusal_epoch = p.refusal_epoch + 1, updated_at',
    replace: 'refusal_epoch = p.refusal_epoch + 1, version = p.version + 1, updated_at',
    tests: WINDOWS_TEST,
  },
  {
    name: 'codes: any last symbol passes the check',
    file: CODE,
    within: 'isChecked',
    search: 'return sum === 0;',
    replace: 'return sum >= 0;',
    tests: CODE_TEST,
  },
  {
    name: 'codes: a look-up from before an invalidation is cached',
    file: 'src/contexts/coupon/application/codes/code-finder.ts',
    within: 'codeFinder',
    search: 'if (readGeneration === generation) for',
    replace: 'for',
    tests: ['src/contexts/coupon/application/codes/code-finder.test.ts'],
  },
  {
    name: 'codes: a code that exists already is skipped',
    file: 'src/contexts/coupon/adapters/postgres/codes/code-store.ts',
    within: 'storeGenerated',
    search: 'if (missing.length === 0) return;',
    replace: 'return;',
    tests: CODES_TEST,
    only: 'draws again',
  },
  {
    name: 'codes: a shared code remains after its policy dropped it',
    file: POLICY_STORE,
    within: 'postgresPolicyStore',
    search: 'await removeSharedCode(client, id);',
    replace: '',
    tests: CODES_TEST,
    only: 'shared codes',
  },
  {
    name: 'codes: an address with many accounts guesses without end',
    file: 'src/gateway/limits/code-limits.ts',
    within: 'postgresCodeLimits',
    search: 'addresses.requireBelow(network);',
    replace: '',
    tests: CODE_ATTACKS,
    only: 'an address with many accounts',
  },
  {
    name: 'codes: a right code counts for the address',
    file: 'src/gateway/limits/code-limits.ts',
    within: 'postgresCodeLimits',
    search: 'addresses.requireBelow(network);',
    replace: 'addresses.requireBelow(network); await addresses.count(network);',
    tests: CODE_ATTACKS,
    only: 'an address with many accounts',
  },
  {
    name: 'codes: guessing is never blocked',
    file: 'src/gateway/limits/code-limits.ts',
    within: 'postgresCodeLimits',
    search: 'if (consumed >= settings.wrongAnHour) await hour.block(key, settings.blockSeconds);',
    replace: 'if (consumed < 0) return;',
    tests: CODE_ATTACKS,
    only: 'blocks after twenty',
  },
  {
    name: 'codes: a response reveals a code of a policy that is not open yet',
    file: 'src/contexts/coupon/application/codes/redeem-code.ts',
    within: 'HIDDEN',
    search: "  'POLICY_NOT_STARTED',\n",
    replace: '',
    tests: CODE_ATTACKS,
    only: 'same response for unknown and unavailable',
  },
  {
    name: 'lifecycle: coupons not locked',
    file: LIFECYCLE_READS,
    within: 'LOCK_COUPONS',
    search: 'order by i.id for no key update',
    replace: 'order by i.id',
    tests: LIFECYCLE_STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'lifecycle: users not locked',
    file: LIFECYCLE_READS,
    within: 'lifecycleReads',
    search: 'if (ids.locks.size + ids.confirmed.size > 0)',
    replace: 'if (ids.locks.size + ids.confirmed.size < 0)',
    tests: LIFECYCLE_STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'lifecycle: reservations loaded before the lock',
    file: LIFECYCLE_READS,
    within: 'lifecycleReads',
    search: `  read('locked', LOCK_COUPONS, touched);
  read('coupons', LOAD_COUPONS, touched);
  read('reservations', LOAD_RESERVATIONS, [...touched, arrayLiteral(ids.users)]);`,
    replace: `  read('reservations', LOAD_RESERVATIONS, [...touched, arrayLiteral(ids.users)]);
  read('locked', LOCK_COUPONS, touched);
  read('coupons', LOAD_COUPONS, touched);`,
    tests: LIFECYCLE_STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'lifecycle: policies loaded before the lock',
    file: LIFECYCLE_READS,
    within: 'lifecycleReads',
    search: `  read('locked', LOCK_COUPONS, touched);
  read('coupons', LOAD_COUPONS, touched);`,
    replace: `  read('coupons', LOAD_COUPONS, touched);
  read('locked', LOCK_COUPONS, touched);`,
    tests: ['test/attacks/coupon-use.int.test.ts'],
    only: 'while the lock of a coupon is awaited',
  },
  {
    name: 'lifecycle: a lost COMMIT recognized by the version alone',
    file: 'src/contexts/coupon/adapters/postgres/lifecycle/lifecycle-store.ts',
    within: 'IS_MINE',
    search: 'and version = $2 and group_id = $3',
    replace: 'and version = $2 and $3::bigint is not null',
    tests: LIFECYCLE_STORE_TEST,
    only: 'another node took',
  },
  {
    name: 'lifecycle: new reservations stored before ended ones',
    file: 'src/contexts/coupon/adapters/postgres/lifecycle/lifecycle-writes.ts',
    within: 'lifecycleWrites',
    search: 'ending(a) - ending(b)',
    replace: 'ending(b) - ending(a)',
    tests: LIFECYCLE_STORE_TEST,
    only: 'PostgreSQL.*a batch',
  },
  {
    name: 'lifecycle: an event repeated in one batch is handled each time',
    file: 'src/contexts/coupon/domain/lifecycle/lifecycle-unit-of-work.ts',
    within: 'lifecycleUnitOfWork',
    search: 'unclaimed.delete(eventId)',
    replace: 'unclaimed.has(eventId)',
    tests: LIFECYCLE_STORE_TEST,
    only: 'PostgreSQL.*is handled once',
  },
  {
    name: 'lifecycle: commands of a batch do not see each other',
    file: 'src/contexts/coupon/domain/lifecycle/lifecycle-unit-of-work.ts',
    within: 'lifecycleUnitOfWork',
    search: 'coupon: (id) => coupons.get(id)',
    replace: 'coupon: (id) => snapshot.coupons.get(id)',
    tests: ['src/contexts/coupon/test/lifecycle-batches.test.ts'],
  },
  {
    name: 'lifecycle: a failed confirmation published each time',
    file: 'src/contexts/coupon/domain/lifecycle/payment.ts',
    within: 'paymentCompleted',
    search: ' || reservation?.confirmationFailed',
    replace: '',
    tests: LIFECYCLE_STORE_TEST,
    only: 'PostgreSQL.*publishes one failed',
  },
  {
    name: 'lifecycle: a reservation overdue a millisecond late',
    file: 'src/contexts/coupon/domain/lifecycle/coupon.ts',
    within: 'isOverdue',
    search: 'nowMs >= reservation.expiresAtMs',
    replace: 'nowMs > reservation.expiresAtMs',
    tests: LIFECYCLE_TEST,
  },
  {
    name: 'lifecycle: a late payment uses a second coupon for its order',
    file: 'src/contexts/coupon/domain/lifecycle/reservation-steps.ts',
    within: 'reserveAgain',
    search: 'if (ended.orderId !== null && orderHasCoupon(unitOfWork, ended.userId, ended.orderId)) return undefined;',
    replace: '',
    tests: LIFECYCLE_STORE_TEST,
    only: 'PostgreSQL.*a second coupon for its order',
  },
  {
    name: 'lifecycle: refusal caches survive a withdrawal',
    file: 'src/contexts/coupon/domain/lifecycle/withdraw.ts',
    within: 'updateStock',
    search: 'policy.refusalEpoch + 1',
    replace: 'policy.refusalEpoch',
    tests: LIFECYCLE_TEST,
  },
  {
    name: 'lifecycle: an expired coupon can be used until a task stores its expiry',
    file: COUPON,
    within: 'statusAt',
    search: "state.status === 'ISSUED' && nowMs >= expiresAtMs ? 'EXPIRED' : state.status",
    replace: 'state.status',
    tests: LIFECYCLE_TEST,
  },
  {
    name: 'lifecycle: a coupon is valid one moment too long',
    file: COUPON,
    within: 'statusAt',
    search: 'nowMs >= expiresAtMs ?',
    replace: 'nowMs > expiresAtMs ?',
    tests: LIFECYCLE_TEST,
  },
  {
    name: 'lifecycle: another user reserves a coupon',
    file: RESERVE,
    within: 'reserve',
    search: '!coupon || coupon.userId !== command.userId',
    replace: '!coupon',
    tests: LIFE_ATTACKS,
    only: '32',
  },
  {
    name: 'lifecycle: a reservation id is accepted for another request',
    file: RESERVE,
    within: 'repeatedReservation',
    search: 'existing.orderAmount === command.orderAmount',
    replace: 'true',
    tests: LIFECYCLE_TEST,
  },
  {
    name: 'lifecycle: two coupons for one order',
    file: RESERVE,
    within: 'refusalFor',
    search: 'if (command.orderId !== null && orderHasCoupon(unitOfWork, command.userId, command.orderId)) {',
    replace: "if (command.orderId === '') {",
    tests: LIFECYCLE_STORE_TEST,
    only: 'of one order',
  },
  {
    name: 'lifecycle: one reservation too many',
    file: RESERVE,
    within: 'refusalOfHolds',
    search: 'holds < RESERVATIONS_MAX',
    replace: 'holds <= RESERVATIONS_MAX',
    tests: LIFECYCLE_STORE_TEST,
    only: 'more than the maximum',
  },
  {
    name: 'lifecycle: a release frees a paid reservation',
    file: RESERVATION_STEPS,
    within: 'release',
    search:
      "if (reservation.status === 'CONFIRMED') return refused(refuse('COUPON_ALREADY_USED'));\n  if (reservation.status === 'CANCELLED') return",
    replace: "if (reservation.status === 'CANCELLED') return",
    tests: LIFECYCLE_TEST,
  },
  {
    name: 'lifecycle: an overdue PENDING reservation is not confirmed',
    file: RESERVATION_STEPS,
    within: 'confirm',
    search: "if (reservation.status === 'PENDING') return useReserved(",
    replace: "if (reservation.status === 'PENDING' && !isOverdue(reservation, unitOfWork.nowMs)) return useReserved(",
    tests: LIFECYCLE_TEST,
  },
  {
    name: 'lifecycle: a late payment uses a coupon that is no longer available',
    file: RESERVATION_STEPS,
    within: 'reserveAgain',
    search: "statusAt(coupon, unitOfWork.nowMs) !== 'ISSUED' || ",
    replace: '',
    tests: LIFECYCLE_STORE_TEST,
    only: 'late payment',
  },
  {
    name: 'lifecycle: a late extension',
    file: RESERVATION_STEPS,
    within: 'extend',
    search: "reservation.status === 'EXPIRED' || isOverdue(reservation, unitOfWork.nowMs)",
    replace: "reservation.status === 'EXPIRED'",
    tests: LIFECYCLE_TEST,
  },
  {
    name: 'lifecycle: a discount above the order',
    file: DISCOUNT,
    within: 'discountOf',
    search: 'return minOf(terms.discountValue, eligibleAmount);',
    replace: 'return terms.discountValue;',
    tests: DISCOUNT_TEST,
  },
  {
    name: 'lifecycle: a percentage without its cap',
    file: DISCOUNT,
    within: 'discountOf',
    search: 'terms.maxDiscountAmount === null ? part : minOf(part, terms.maxDiscountAmount)',
    replace: 'part',
    tests: DISCOUNT_TEST,
  },
  {
    name: 'lifecycle: a payment event has its effect each time',
    file: PAYMENT,
    within: 'paymentCompleted',
    search:
      'if (!unitOfWork.claimEvent(command.eventId)) return IGNORED;\n  const reservation = reservationOf(unitOfWork, command);\n  const couponId',
    replace: 'const reservation = reservationOf(unitOfWork, command);\n  const couponId',
    tests: LIFECYCLE_STORE_TEST,
    only: 'event',
  },
  {
    name: 'lifecycle: a refund restores against the policy',
    file: 'src/contexts/coupon/domain/lifecycle/coupon-steps.ts',
    within: 'restore',
    search: 'coupon.terms.restoreOnRefund && ',
    replace: '',
    tests: LIFECYCLE_TEST,
  },
  {
    name: 'lifecycle: a reservation that timed out cannot be closed',
    file: RESERVATION_STEPS,
    within: 'release',
    search: "if (reservation.status === 'EXPIRED') return done(coupon, unitOfWork.closeExpired(reservation));",
    replace: "if (reservation.status === 'EXPIRED') return done(coupon, reservation);",
    tests: LIFECYCLE_TEST,
    only: 'late payment',
  },
  {
    name: 'lifecycle: a withdrawn coupon keeps its unit of stock',
    file: WITHDRAW,
    within: 'updateStock',
    search: 'policy.issuedCount - (returnStock ? 1 : 0)',
    replace: 'policy.issuedCount',
    tests: LIFECYCLE_STORE_TEST,
    only: 'withdrawing with returned',
  },
  {
    name: 'lifecycle: a used coupon withdrawn',
    file: WITHDRAW,
    within: 'withdraw',
    search: "if (status === 'USED') return refused(refuse('COUPON_ALREADY_USED'));",
    replace: '',
    tests: LIFECYCLE_TEST,
  },
  {
    name: 'issuing: a customer gets a coupon of a DIRECT policy',
    file: ISSUE,
    within: 'methodMismatch',
    search: 'METHOD_OF[distributionType] === issueMethod ? undefined',
    replace: 'METHOD_OF[distributionType] !== undefined ? undefined',
    tests: ISSUE_TEST,
  },
  {
    name: 'issuing: an event issues two coupons to a user',
    file: ISSUE,
    within: 'refusalFor',
    search: 'if (claim?.userId === command.userId) return alreadyIssued(claim);',
    replace: '',
    tests: ISSUE_TEST,
  },
  {
    name: 'issuing: a code redeemed twice within a batch',
    file: ISSUE,
    within: 'decideIssues',
    search: 'if (key !== undefined) claims.set(key, coupon);',
    replace: '',
    tests: ISSUE_TEST,
  },
  {
    name: 'codes: a swap of neighbours passes',
    file: CODE,
    within: 'isChecked',
    search: 'sum = (sum * 2 + value) % prime;',
    replace: 'sum = (sum + value) % prime;',
    tests: CODE_TEST,
  },
  {
    name: 'codes: an O is read as a 1',
    file: CODE,
    within: 'normalizeCode',
    search: "(letter === 'O' ? '0' : '1')",
    replace: "'1'",
    tests: CODE_TEST,
  },
  {
    name: 'points: accounts are not locked',
    file: POINT_READS,
    within: 'LOCK_ACCOUNTS',
    search: 'where user_id = any($1::bigint[]) order by user_id for no key update`',
    replace: 'where user_id = any($1::bigint[]) order by user_id`',
    tests: POINT_STORE_TEST,
    only: 'races on three nodes',
  },
  {
    name: 'points: the walk over lots stops too early',
    file: POINT_READS,
    within: 'LOAD_LOTS',
    search: 'where w.need > 0',
    replace: 'where w.need > 5',
    tests: POINT_STORE_TEST,
    only: 'when a spend needs several',
  },
  {
    name: 'points: the walk over lots counts those that a cancel empties',
    file: POINT_READS,
    within: 'LOAD_LOTS',
    search: ' and id <> all($7::bigint[])',
    replace: ' and $7::bigint[] is not null',
    tests: POINT_STORE_TEST,
    only: 'never leaves the spend short',
  },
  {
    name: 'points: keys are not looked up',
    file: POINT_READS,
    within: 'ledgerReads',
    search: 'if (keys.length > 0)',
    replace: 'if (keys.length > 1e9)',
    tests: POINT_STORE_TEST,
    only: 'keys',
  },
  {
    name: 'points: a refusal is not kept for its key',
    file: `${POINT}/domain/postings/keyed-commands.ts`,
    within: 'decideOnce',
    search: "if (outcome.kind === 'refused' && isFinal(outcome.refusal)) work.refuse(",
    replace: 'if (false) work.refuse(',
    tests: POINT_STORE_TEST,
    only: 'keep a refusal',
  },
  {
    name: 'points: a refund gives back what was taken first',
    file: `${POINT}/domain/lots/lot-returns.ts`,
    within: 'returnMoves',
    search: 'taken.toReversed()',
    replace: 'taken',
    tests: POINT_STORE_TEST,
    only: 'given back in parts',
  },
  {
    name: 'points: expired lots count until a job comes',
    file: `${POINT}/domain/lots/lot.ts`,
    within: 'isExpired',
    search: 'nowMs >= lot.expiresAtMs;',
    replace: 'nowMs > lot.expiresAtMs + 60_000;',
    tests: LEDGER_TEST.concat(POINT_STORE_TEST),
  },
  {
    name: 'points: what is held does not count for the cap',
    file: `${POINT}/domain/ledger-unit-of-work.ts`,
    within: 'ledgerUnitOfWork',
    search: 'has + held + charging + amount',
    replace: 'has + charging + amount',
    tests: POINT_STORE_TEST,
    only: 'limits',
  },
  {
    name: 'points: the program may change the ledger',
    file: 'src/platform/postgres/grants.ts',
    within: 'GRANT',
    search: 'if item.insert_only then',
    replace: 'if false then',
    tests: INSERT_ONLY_TEST,
  },
  {
    name: 'points: no trigger guards the entries',
    file: `${POINT}/adapters/postgres/migrations/0001_insert_only.sql`,
    search: 'BEFORE UPDATE OR DELETE OR TRUNCATE ON point.entries',
    replace: 'BEFORE UPDATE ON point.entries',
    tests: INSERT_ONLY_TEST,
  },
  {
    name: 'goods: an edit of any version is made',
    file: `${ORDER}/domain/catalog/product-terms.ts`,
    within: 'editProduct',
    search: 'edit.version !== product.version',
    replace: 'edit.version > product.version',
    tests: PRODUCTS_TEST,
  },
  {
    name: 'goods: a product is edited without its lock',
    file: `${ORDER}/adapters/postgres/catalog-store.ts`,
    within: 'postgresCatalogStore',
    search: `.where(eq(products.id, productId)).for('no key update');`,
    replace: '.where(eq(products.id, productId));',
    tests: PRODUCTS_TEST.concat(TIME_SALES_TEST),
    only: 'two editors|allocate a time sale exactly',
  },
  {
    name: 'goods: what is left of a time sale stays in it',
    file: `${ORDER}/adapters/postgres/time-sale-windows.ts`,
    within: 'RETURN_STOCK',
    search: 'set stock = p.stock + back.quantity',
    replace: 'set stock = p.stock',
    tests: TIME_SALES_TEST,
  },
  {
    name: 'goods: reserved units go back when the time sale ends',
    file: `${ORDER}/domain/time-sale/due-transition.ts`,
    within: 'applyDueTransition',
    search: 'stock: 0, returned: returned + stock }',
    replace: 'stock: 0, reserved: 0, returned: returned + stock + timeSale.reserved }',
    tests: TIME_SALES_TEST,
  },
  {
    name: 'goods: a time sale ends a moment late',
    file: `${ORDER}/domain/time-sale/due-transition.ts`,
    within: 'applyDueTransition',
    search: 'nowMs >= endsAtMs',
    replace: 'nowMs > endsAtMs',
    tests: TIME_SALES_TEST,
  },
  {
    name: 'goods: a time sale is announced twice by two nodes',
    file: `${ORDER}/adapters/postgres/time-sale-windows.ts`,
    within: 'lock',
    search: `    .for('no key update');`,
    replace: ';',
    tests: TIME_SALES_TEST,
    only: 'are processed in batches|at the end of a sale',
  },
  {
    name: 'goods: hidden products are listed',
    file: `${ORDER}/adapters/postgres/catalog-reader.ts`,
    within: 'isListed',
    search: `hiddenOf === 'ALL' ? undefined :`,
    replace: `hiddenOf === 'ALL' || hiddenOf.length === 0 ? undefined :`,
    tests: PRODUCTS_TEST,
    only: 'that is hidden',
  },
  {
    name: 'goods: the popular days begin a day late',
    file: `${ORDER}/application/catalog/list-popular-products.ts`,
    within: 'listPopularProducts',
    search: '(clamp(days, POPULAR_DAYS_MAX) - 1) * DAY_MS',
    replace: '(clamp(days, POPULAR_DAYS_MAX) - 2) * DAY_MS',
    tests: PRODUCTS_TEST,
    only: 'most sold',
  },
];
