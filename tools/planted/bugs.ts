import { CHECKOUT_BUGS } from './checkout-bugs.ts';
import { CLOCK_BUGS } from './clock-bugs.ts';
import { DRIVING_BUGS } from './driving-bugs.ts';
import { EVENT_BUGS } from './event-bugs.ts';
import { IDEMPOTENCY_BUGS } from './idempotency-bugs.ts';
import { OPTIMISTIC_BUGS } from './optimistic-bugs.ts';
import { OVERLOAD_BUGS } from './overload-bugs.ts';
import { PAYMENT_BUGS } from './payment-bugs.ts';
import { SESSION_BUGS } from './session-bugs.ts';
import { SIMULATION_BUGS } from './simulation-bugs.ts';
import { TILL_BUGS } from './till-bugs.ts';

/** A small mutation that some test has to notice. */
export interface PlantedBug {
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly search: string;
  readonly replace: string;
  /** The test files of which at least one test fails. */
  readonly tests: readonly string[];
  /** Only tests whose full name matches this expression run: saves time where a file is long. */
  readonly only?: string;
}

const LANE = 'src/platform/batching/lane.ts';
const GROUP = 'src/platform/postgres/group-transaction.ts';
const ISSUE = 'src/contexts/coupon/domain/issue.ts';
const KNOWN = 'src/contexts/coupon/application/known-refusals.ts';
const ISSUE_STORE = 'src/contexts/coupon/adapters/postgres/issue-store.ts';
const POLICY_STORE = 'src/contexts/coupon/adapters/postgres/policy-store.ts';
const MIGRATION = 'src/contexts/coupon/adapters/postgres/migrations/0000_coupon.sql';

const DOMAIN = 'src/contexts/coupon/domain';
const COUPON = `${DOMAIN}/coupon.ts`;
const RESERVE = `${DOMAIN}/reserve.ts`;
const RESERVATION_STEPS = `${DOMAIN}/reservation-steps.ts`;
const DISCOUNT = `${DOMAIN}/discount.ts`;
const PAYMENT = `${DOMAIN}/payment.ts`;
const WITHDRAW = `${DOMAIN}/withdraw.ts`;
const STATISTICS = 'src/contexts/statistics';
const HOUR_ROWS = `${STATISTICS}/adapters/postgres/hour-rows.ts`;
const RECOUNT = `${STATISTICS}/application/recount.ts`;
const COUPON_FACT = `${STATISTICS}/domain/coupon-fact.ts`;
const STATISTICS_STORE = `${STATISTICS}/adapters/postgres/statistics-store.ts`;
const STATISTICS_AUDIT = 'src/app/statistics-audit.ts';
const LIFE_AUDITS = 'src/contexts/coupon/adapters/postgres/life-audits.ts';

const ORDER = 'src/contexts/order';
const PRODUCTS_TEST = [`${ORDER}/test/products.int.test.ts`];
const TIME_SALES_TEST = [`${ORDER}/test/time-sales.int.test.ts`];

const CODE = 'src/contexts/coupon/domain/code.ts';
const CODE_TEST = ['src/contexts/coupon/domain/code.test.ts'];
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

const LANE_TEST = ['src/platform/batching/lane.test.ts'];
const GROUP_TEST = ['src/platform/postgres/group-transaction.int.test.ts'];
const ISSUE_TEST = ['src/contexts/coupon/domain/issue.test.ts'];
const SCHEDULER_TEST = ['src/platform/scheduling/scheduler.int.test.ts'];
const WINDOWS_TEST = ['src/contexts/coupon/adapters/postgres/policy-windows.int.test.ts'];
const JOBS_TEST = ['src/contexts/coupon/test/jobs.int.test.ts'];
const KNOWN_TEST = ['src/contexts/coupon/application/known-refusals.test.ts'];
const STORE_TEST = ['src/contexts/coupon/test/coupon-store.int.test.ts'];
const STATISTICS_TEST = [`${STATISTICS}/test/statistics.int.test.ts`];
const STATISTICS_AUDIT_TEST = ['src/app/statistics-audit.int.test.ts'];
const STATISTICS_ATTACKS = ['test/attacks/statistics.int.test.ts'];
const LIFE_AUDITS_TEST = ['src/contexts/coupon/adapters/postgres/life-audits.int.test.ts'];

const LIFE_READS = 'src/contexts/coupon/adapters/postgres/life-reads.ts';
const LIFE_STORE_TEST = ['src/contexts/coupon/test/life-store.int.test.ts'];
const LIFE_ATTACKS = ['test/attacks/coupon-use.int.test.ts'];
const DISCOUNT_TEST = [`${DOMAIN}/discount.test.ts`];
const LIFE_TEST = ['src/contexts/coupon/domain/life.test.ts'];

const BUS = 'src/platform/events';
const BUS_TEST = [`${BUS}/bus-in-process.test.ts`];
const KAFKA_TEST = [`${BUS}/bus-kafka.int.test.ts`];

export const BUGS: readonly PlantedBug[] = [
  ...CHECKOUT_BUGS,
  ...TILL_BUGS,
  ...OPTIMISTIC_BUGS,
  ...CLOCK_BUGS,
  ...DRIVING_BUGS,
  ...EVENT_BUGS,
  ...IDEMPOTENCY_BUGS,
  ...OVERLOAD_BUGS,
  ...PAYMENT_BUGS,
  ...SESSION_BUGS,
  ...SIMULATION_BUGS,
  {
    name: 'bus: an outage taken for poison',
    file: `${BUS}/handler-failure.ts`,
    search: "=== 'poison' ? 'poison' : 'outage'",
    replace: "=== 'poison' ? 'poison' : 'poison'",
    tests: BUS_TEST,
    only: 'what a consumer needs is away',
  },
  {
    name: 'bus: the later half of a bad batch handled first',
    file: `${BUS}/batch-delivery.ts`,
    search: '[items.slice(0, middle), items.slice(middle)]',
    replace: '[items.slice(middle), items.slice(0, middle)]',
    tests: BUS_TEST,
    only: 'only what fails alone',
  },
  {
    name: 'bus: offsets committed for what was only fetched',
    file: `${BUS}/kafka/consumer.ts`,
    search: 'owned.settled = offset + 1n',
    replace: 'owned.settled = owned.fetchFrom',
    tests: KAFKA_TEST,
    only: 'what a stop interrupts',
  },
  {
    name: 'row lock left out',
    file: ISSUE_STORE,
    search: 'order by p.id for no key update',
    replace: 'order by p.id',
    tests: STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'locks taken in the order of the commands',
    file: ISSUE_STORE,
    search: 'order by p.id for no key update',
    replace: 'order by array_position($1::bigint[], p.id) for no key update',
    tests: STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'holdings loaded before the lock',
    file: ISSUE_STORE,
    search: `load: [...loads, ...batch.reads],
        decide: (loaded, nowMs) => {
          const snapshot = toSnapshot(loaded.slice(0, loads.length));`,
    replace: `load: [...loads.toReversed(), ...batch.reads],
        decide: (loaded, nowMs) => {
          const snapshot = toSnapshot(loaded.slice(0, loads.length).reverse());`,
    tests: STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'transactions at the isolation level of the server',
    file: GROUP,
    search: "'BEGIN ISOLATION LEVEL READ COMMITTED'",
    replace: "'BEGIN'",
    tests: STORE_TEST,
    only: 'stricter by default',
  },
  {
    name: 'a claim that takes what was seen',
    file: INBOX,
    search: 'claimed = excluded.seen - i.seen',
    replace: 'claimed = excluded.seen',
    tests: INBOX_TEST,
  },
  {
    name: 'a claim that forgets what was seen',
    file: INBOX,
    search: 'seen = i.seen + excluded.seen',
    replace: 'seen = excluded.seen',
    tests: INBOX_TEST,
  },
  {
    name: 'an invalid event set aside after the next row has left',
    file: `${EVENTS}/outbox-drain.ts`,
    search: 'await start(row);',
    replace: 'void start(row);',
    tests: [`${EVENTS}/relay.int.test.ts`],
    only: 'holds nothing up',
  },
  {
    name: 'a replay for everybody',
    file: `${EVENTS}/replay.ts`,
    search: 'consumer === RELAY ? undefined : consumer',
    replace: 'undefined',
    tests: REPLAY_TEST,
  },
  {
    name: 'a letter that failed again removed',
    file: `${EVENTS}/dead-letters.ts`,
    search: ', replay_at = null`',
    replace: '`',
    tests: REPLAY_TEST,
  },
  {
    name: 'outbox row left out',
    file: ISSUE_STORE,
    search: "{ name: 'outbox', text: INSERT_OUTBOX, values: outboxValues(outboxId, issueEvents(decision, snapshot)) },",
    replace: '',
    tests: STORE_TEST,
    only: 'one row of events',
  },
  {
    name: 'a lost COMMIT taken for done',
    file: ISSUE_STORE,
    search: 'return (await client.query(IS_THERE, [first.couponId])).rowCount === 1;',
    replace: 'return true;',
    tests: STORE_TEST,
    only: 'breaks at COMMIT',
  },
  {
    name: 'a lost COMMIT taken for not done',
    file: ISSUE_STORE,
    search: 'return (await client.query(IS_THERE, [first.couponId])).rowCount === 1;',
    replace: 'return false;',
    tests: STORE_TEST,
    only: 'breaks at COMMIT',
  },
  {
    name: 'a lost COMMIT looked up while it may still be under way',
    file: ISSUE_STORE,
    search: 'await client.query(LOCK_ONE, [first.policyId]);',
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
    only: 'somebody who did not ask',
  },
  {
    name: 'unique index of sequence numbers dropped',
    file: MIGRATION,
    search: 'CREATE UNIQUE INDEX "coupon_issues_sequence"',
    replace: 'CREATE INDEX "coupon_issues_sequence"',
    tests: STORE_TEST,
    only: 'somebody who did not ask',
  },
  {
    name: 'a change by hand without the lock',
    file: POLICY_STORE,
    search: ".for('no key update')",
    replace: '',
    tests: STORE_TEST,
    only: 'lets changes by hand wait',
  },
  {
    name: 'a change by hand without a new epoch',
    file: POLICY_STORE,
    search: 'refusalEpoch: row.refusalEpoch + 1',
    replace: 'refusalEpoch: row.refusalEpoch',
    tests: STORE_TEST,
    only: 'PostgreSQL.*changes by hand',
  },
  {
    name: 'commit tag ignored',
    file: GROUP,
    search: "commit.value.command !== 'COMMIT'",
    replace: 'false',
    tests: GROUP_TEST,
  },
  {
    name: 'a broken connection at COMMIT taken for a rollback, unasked',
    file: GROUP,
    search: 'return await settleLostCommit(result,',
    replace: 'throw outcome; await settleLostCommit(result,',
    tests: GROUP_TEST,
  },
  {
    name: 'a connection that breaks in use ends the process',
    file: 'src/platform/postgres/session.ts',
    search: "this.on('error', () => this.#hosts.forget());",
    replace: '',
    tests: GROUP_TEST,
  },
  {
    name: 'a frozen holder of a lock keeps it',
    file: 'src/platform/postgres/database.ts',
    search: 'idle_in_transaction_session_timeout: 2_000,',
    replace: '',
    tests: GROUP_TEST,
  },
  {
    name: 'commands of a group do not see each other',
    file: ISSUE,
    search: 'policy.given.get(command.userId) ?? snapshot.holdings',
    replace: 'snapshot.holdings',
    tests: ISSUE_TEST,
  },
  {
    name: 'each command decided on the policy as it was loaded',
    file: ISSUE,
    search: 'if (known) return known;',
    replace: '',
    tests: ISSUE_TEST,
  },
  {
    name: 'one coupon too many',
    file: ISSUE,
    search: 'policy.issuedCount >= policy.maxIssueCount',
    replace: 'policy.issuedCount > policy.maxIssueCount',
    tests: ISSUE_TEST,
  },
  {
    name: 'limit of a user off by one',
    file: ISSUE,
    search: 'held.length >= policy.maxIssuePerUser',
    replace: 'held.length > policy.maxIssuePerUser',
    tests: ISSUE_TEST,
  },
  {
    name: 'sequence number from the count',
    file: ISSUE,
    search: 'policy.lastSequenceNo += 1;',
    replace: 'policy.lastSequenceNo = policy.issuedCount;',
    tests: ISSUE_TEST,
  },
  {
    name: 'a taken slot given again',
    file: ISSUE,
    search: 'slot: freeSlot(held),',
    replace: 'slot: held.length,',
    tests: ISSUE_TEST,
  },
  {
    name: 'window end inclusive',
    file: ISSUE,
    search: 'nowMs >= policy.validUntilMs',
    replace: 'nowMs > policy.validUntilMs',
    tests: ISSUE_TEST,
  },
  {
    name: 'sold out before already issued',
    file: ISSUE,
    search:
      "if (first && held.length >= policy.maxIssuePerUser) return limitReached(policy, first);\n  return closedFor(policy, nowMs) ?? (claim && refused('COUPON_ALREADY_USED'));",
    replace:
      'const closed = closedFor(policy, nowMs);\n  if (closed) return closed;\n  return first && held.length >= policy.maxIssuePerUser ? limitReached(policy, first) : undefined;',
    tests: ISSUE_TEST,
  },
  {
    name: 'codes and events that issued before not looked at',
    file: ISSUE,
    search: 'claims.get(key) ?? snapshot.claim(command)',
    replace: 'claims.get(key)',
    tests: ISSUE_TEST,
  },
  {
    name: 'a code that issued within the group not looked at',
    file: ISSUE,
    search: 'claims.get(key) ?? snapshot.claim(command)',
    replace: 'snapshot.claim(command)',
    tests: ISSUE_TEST,
  },
  {
    name: 'what a code gave taken for what its user holds',
    file: 'src/contexts/coupon/application/issue-coupon.ts',
    search: 'if (code !== undefined) return false;',
    replace: '',
    tests: KNOWN_TEST,
  },
  {
    name: 'a job done twice by a runner that woke up',
    file: 'src/contexts/coupon/adapters/postgres/job-step.ts',
    search: 'if (held?.rowCount !== 1) throw',
    replace: 'if (false) throw',
    tests: JOBS_TEST,
    only: 'moved by nobody else',
  },
  {
    name: 'the progress of a job left out of its transaction',
    file: 'src/contexts/coupon/adapters/postgres/row-issue-store.ts',
    search: '...moveJob(job, rows, errors)',
    replace: '',
    tests: JOBS_TEST,
    only: 'keeps each row that it could not do',
  },
  {
    name: 'a job taken while another runner has it',
    file: 'src/contexts/coupon/adapters/postgres/job-store.ts',
    search: ' and (lease_until is null or lease_until < clock_timestamp())',
    replace: '',
    tests: JOBS_TEST,
    only: 'moved by nobody else',
  },
  {
    name: 'refusals kept over a new epoch',
    file: KNOWN,
    search: 'if (policy.refusalEpoch > entry.policy.refusalEpoch) {',
    replace: 'if (false) {',
    tests: KNOWN_TEST,
  },
  {
    name: 'a holder of an older epoch remembered',
    file: KNOWN,
    search: ' || entry.policy.refusalEpoch !== epoch',
    replace: '',
    tests: KNOWN_TEST,
  },
  {
    name: 'refusals trusted forever',
    file: KNOWN,
    search: 'return nowMs - entry.readAtMs < TRUST_MS || ',
    replace: 'return true || ',
    tests: KNOWN_TEST,
  },
  {
    name: 'refusals from the future trusted',
    file: KNOWN,
    search: 'if (nowMs < entry.readAtMs) return false;',
    replace: '',
    tests: KNOWN_TEST,
  },
  {
    name: 'the request that reads the facts again answered from memory',
    file: 'src/contexts/coupon/application/issue-coupon.ts',
    search: '!readsAgain && !keep && known.knowsAllHolders',
    replace: '!keep && known.knowsAllHolders',
    tests: KNOWN_TEST,
  },
  {
    name: 'facts that nobody reads again trusted on',
    file: KNOWN,
    search: 'ageMs < (asked ? WAIT_MS : TRUST_MS)',
    replace: 'ageMs < WAIT_MS',
    tests: KNOWN_TEST,
  },
  {
    name: 'sold out told while not all holders are known',
    file: KNOWN,
    search: 'return entry.complete ? closedFor(entry.policy, nowMs) : undefined;',
    replace: 'return closedFor(entry.policy, nowMs);',
    tests: KNOWN_TEST,
  },
  {
    name: 'holders still complete after somebody else got a coupon',
    file: KNOWN,
    search: 'entry.complete = false;\n    }\n    if (policy.lastSequenceNo >=',
    replace: '}\n    if (policy.lastSequenceNo >=',
    tests: KNOWN_TEST,
  },
  {
    name: 'second half of a poisoned group skipped',
    file: LANE,
    search: 'const settleSecond = await attempt(group.slice(middle), since);',
    replace: 'const settleSecond = () => {};',
    tests: LANE_TEST,
  },
  {
    name: 'results answered in the wrong order',
    file: LANE,
    search: 'results[index] as Result',
    replace: 'results[results.length - 1 - index] as Result',
    tests: LANE_TEST,
  },
  {
    name: 'a group of unknown outcome sent again',
    file: LANE,
    search: "failure !== 'transient' || ",
    replace: '',
    tests: LANE_TEST,
  },
  {
    name: 'age of the queue ignored',
    file: LANE,
    search: 'now - oldest.admittedAt > queueAgeMaxMs',
    replace: 'false',
    tests: LANE_TEST,
  },
  {
    name: 'length of the queue ignored',
    file: LANE,
    search: 'queue.size() >= queueMax || ',
    replace: '',
    tests: LANE_TEST,
  },
  {
    name: 'normal commands before urgent ones',
    file: LANE,
    search: 'urgent.take(groupMax, group);\n      normal.take(groupMax - group.length, group);',
    replace: 'normal.take(groupMax, group);\n      urgent.take(groupMax - group.length, group);',
    tests: LANE_TEST,
  },
  {
    name: 'every queued group waits its full time in an outage',
    file: LANE,
    search: 'stuckSince = Math.min(stuckSince ?? since, since);',
    replace: 'stuckSince = since;',
    tests: LANE_TEST,
  },
  {
    name: 'a wrong number of results goes unnoticed',
    file: LANE,
    search: 'results.length !== group.length',
    replace: 'false',
    tests: LANE_TEST,
  },
  {
    name: 'statistics: an event added to a closed hour',
    file: HOUR_ROWS,
    search: '\n  where not h.closed`',
    replace: '`',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: an event counted each time it comes',
    file: STATISTICS_STORE,
    search: 'tally(await handleOnce(client, CONSUMER, events))',
    replace: '(await handleOnce(client, CONSUMER, events), tally(events))',
    tests: STATISTICS_TEST,
    only: 'counting events',
  },
  {
    name: 'statistics: a recount closes the present hour',
    file: RECOUNT,
    search: '(await now()) - SETTLE_MS - HOUR_MS',
    replace: 'await now()',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: an hour recounted before its last facts are committed',
    file: RECOUNT,
    search: '(await now()) - SETTLE_MS - HOUR_MS',
    replace: '(await now()) - HOUR_MS',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: hours cut where a part of a recount ends',
    file: RECOUNT,
    search: 'to: new Date(untilMs + HOUR_MS)',
    replace: 'to: new Date(untilMs)',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: a late fact never found',
    file: RECOUNT,
    search: 'Math.min(doneMs, endMs - LOOK_BACK_MS)',
    replace: 'Math.min(doneMs, endMs)',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: a recount leaves what never happened',
    file: STATISTICS_STORE,
    search: '[...recounted, ...vanished]',
    replace: '[...recounted]',
    tests: STATISTICS_TEST,
    only: 'a recount',
  },
  {
    name: 'statistics: days of UTC',
    file: `${STATISTICS}/domain/tally.ts`,
    search: 'localHour(fact.timezone, fact.atMs)',
    replace: "localHour('UTC', fact.atMs)",
    tests: STATISTICS_TEST,
    only: 'counting events',
  },
  {
    name: 'statistics: the two hours of a clock set back are one',
    file: 'src/platform/kernel/time-zone.ts',
    search: 'startsAtMs: local - offsetMs',
    replace: 'startsAtMs: local - zoneOffset(timezone, Date.parse(`${text.slice(0, 10)}T00:00:00Z`))',
    tests: ['src/platform/kernel/time-zone.test.ts'],
  },
  {
    name: 'statistics: a withdrawn coupon counted as released',
    file: COUPON_FACT,
    search: "reason === 'WITHDRAWN'",
    replace: "reason === 'CANCELLED'",
    tests: STATISTICS_TEST,
    only: 'counting events',
  },
  {
    name: 'statistics: a refund leaves the discount given',
    file: COUPON_FACT,
    search: "what: () => 'restored', sign: -1n",
    replace: "what: () => 'restored', sign: 0n",
    tests: STATISTICS_TEST,
    only: 'counting events',
  },
  {
    name: 'statistics: an owner sees the policy of another',
    file: `${STATISTICS}/application/own-policy.ts`,
    search: "principal.role === 'ADMIN' || outcome.value.createdBy === principal.userId",
    replace: 'true',
    tests: STATISTICS_ATTACKS,
    only: '32',
  },
  {
    name: 'statistics: an owner lists the days of everybody',
    file: `${STATISTICS}/application/list-daily.ts`,
    search: "if (principal?.role === 'ADMIN') return undefined;",
    replace: "if (principal?.role !== 'CUSTOMER') return undefined;",
    tests: STATISTICS_ATTACKS,
    only: '32',
  },
  {
    name: 'statistics audit: a count too low passes',
    file: STATISTICS_AUDIT,
    search: 'busy.has(hour.policyId) ? above : different',
    replace: 'above',
    tests: STATISTICS_AUDIT_TEST,
  },
  {
    name: 'statistics audit: events on their way taken for lost',
    file: STATISTICS_AUDIT,
    search: ' || isQueued(id)',
    replace: '',
    tests: STATISTICS_AUDIT_TEST,
  },
  {
    name: 'audit: a second reservation of a coupon passes',
    file: LIFE_AUDITS,
    search: 'where i.id is null or h.id is null',
    replace: 'where h.id is null',
    tests: LIFE_AUDITS_TEST,
    only: 'reservation',
  },
  {
    name: 'audit: a gap in a history passes',
    file: LIFE_AUDITS,
    search: 'version <> 1 + coalesce(steps, 0) or ',
    replace: '',
    tests: LIFE_AUDITS_TEST,
    only: 'history|step',
  },
  {
    name: 'time: runs of a job may overlap',
    file: 'src/platform/scheduling/queue.ts',
    search: "policy: 'exclusive'",
    replace: "policy: 'standard'",
    tests: SCHEDULER_TEST,
    only: 'never overlaps',
  },
  {
    name: 'time: a run is added again in its period',
    file: 'src/platform/scheduling/queue.ts',
    search: 'await add(name, { singletonSeconds: everyMinutes * 60 });',
    replace: 'await add(name, { retryLimit: everyMinutes * 0 });',
    tests: SCHEDULER_TEST,
    only: 'once in its period',
  },
  {
    name: 'time: a frozen node goes on with a run that was given away',
    file: 'src/platform/scheduling/run-job.ts',
    search: '() => lost.abort()',
    replace: '() => undefined',
    tests: SCHEDULER_TEST,
    only: 'frozen for long',
  },
  {
    name: 'time: policies open a millisecond late',
    file: 'src/contexts/coupon/adapters/postgres/policy-windows.ts',
    search: 'p.valid_from <= $1::timestamptz',
    replace: 'p.valid_from < $1::timestamptz',
    tests: WINDOWS_TEST,
  },
  {
    name: 'time: the clock counts as an edit',
    file: 'src/contexts/coupon/adapters/postgres/policy-windows.ts',
    search: 'refusal_epoch = p.refusal_epoch + 1, updated_at',
    replace: 'refusal_epoch = p.refusal_epoch + 1, version = p.version + 1, updated_at',
    tests: WINDOWS_TEST,
  },
  {
    name: 'codes: any last symbol passes the check',
    file: CODE,
    search: 'return sum === 0;',
    replace: 'return sum >= 0;',
    tests: CODE_TEST,
  },
  {
    name: 'codes: what was read before a change is remembered after it',
    file: 'src/contexts/coupon/application/code-finder.ts',
    search: 'if (readIn === era) for',
    replace: 'for',
    tests: ['src/contexts/coupon/application/code-finder.test.ts'],
  },
  {
    name: 'codes: a code that existed is left out',
    file: 'src/contexts/coupon/adapters/postgres/code-store.ts',
    search: 'if (missing.length === 0) return;',
    replace: 'return;',
    tests: CODES_TEST,
    only: 'draws again',
  },
  {
    name: 'codes: a shared code outlives the change of its policy',
    file: POLICY_STORE,
    search: 'await removeSharedCode(client, id);',
    replace: '',
    tests: CODES_TEST,
    only: 'shared codes',
  },
  {
    name: 'codes: guessing is never blocked',
    file: 'src/gateway/code-limits.ts',
    search: 'if (consumed >= settings.wrongAnHour) await hour.block(key, settings.blockSeconds);',
    replace: 'if (consumed < 0) return;',
    tests: CODE_ATTACKS,
    only: 'blocks after twenty',
  },
  {
    name: 'codes: an answer tells a code of a policy that is not open yet',
    file: 'src/contexts/coupon/application/redeem-code.ts',
    search: "  'POLICY_NOT_STARTED',\n",
    replace: '',
    tests: CODE_ATTACKS,
    only: 'answers alike',
  },
  {
    name: 'life: coupons not locked',
    file: LIFE_READS,
    search: 'order by i.id for no key update of i',
    replace: 'order by i.id',
    tests: LIFE_STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'life: users not locked',
    file: LIFE_READS,
    search: 'if (named.locks.size + named.confirmed.size > 0)',
    replace: 'if (named.locks.size + named.confirmed.size < 0)',
    tests: LIFE_STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'life: reservations loaded before the lock',
    file: LIFE_READS,
    search: `  read('coupons', LOCK_COUPONS, touched);
  read('reservations', LOAD_RESERVATIONS, [...touched, arrayLiteral(named.users)]);`,
    replace: `  read('reservations', LOAD_RESERVATIONS, [...touched, arrayLiteral(named.users)]);
  read('coupons', LOCK_COUPONS, touched);`,
    tests: LIFE_STORE_TEST,
    only: 'PostgreSQL.*racing writers',
  },
  {
    name: 'life: a lost COMMIT told by the version alone',
    file: 'src/contexts/coupon/adapters/postgres/life-store.ts',
    search: 'and version = $2 and group_id = $3',
    replace: 'and version = $2 and $3::bigint is not null',
    tests: LIFE_STORE_TEST,
    only: 'another node took',
  },
  {
    name: 'life: what begins stored before what ends',
    file: 'src/contexts/coupon/adapters/postgres/life-writes.ts',
    search: 'ending(a) - ending(b)',
    replace: 'ending(b) - ending(a)',
    tests: LIFE_STORE_TEST,
    only: 'PostgreSQL.*a group',
  },
  {
    name: 'life: an event of one group handled as often as it stands there',
    file: 'src/contexts/coupon/domain/life-desk.ts',
    search: 'fresh.delete(eventId)',
    replace: 'fresh.has(eventId)',
    tests: LIFE_STORE_TEST,
    only: 'PostgreSQL.*handles an event once',
  },
  {
    name: 'life: commands of a group do not see each other',
    file: 'src/contexts/coupon/domain/life-desk.ts',
    search: 'coupon: (id) => coupons.get(id)',
    replace: 'coupon: (id) => snapshot.coupons.get(id)',
    tests: ['src/contexts/coupon/test/life-groups.test.ts'],
  },
  {
    name: 'life: a failed confirmation told each time',
    file: 'src/contexts/coupon/domain/payment.ts',
    search: ' || reservation?.confirmationFailed',
    replace: '',
    tests: LIFE_STORE_TEST,
    only: 'PostgreSQL.*tells once',
  },
  {
    name: 'life: a reservation overdue a millisecond late',
    file: 'src/contexts/coupon/domain/coupon.ts',
    search: 'nowMs >= reservation.expiresAtMs',
    replace: 'nowMs > reservation.expiresAtMs',
    tests: LIFE_TEST,
  },
  {
    name: 'life: a late payment takes a coupon for an order that has another',
    file: 'src/contexts/coupon/domain/reservation-steps.ts',
    search: 'if (ended.orderId !== null && orderHasCoupon(desk, ended.userId, ended.orderId)) return undefined;',
    replace: '',
    tests: LIFE_STORE_TEST,
    only: 'PostgreSQL.*no second coupon',
  },
  {
    name: 'life: nodes keep what they refused before a withdrawal',
    file: 'src/contexts/coupon/domain/withdraw.ts',
    search: 'policy.refusalEpoch + 1',
    replace: 'policy.refusalEpoch',
    tests: LIFE_TEST,
  },
  {
    name: 'life: an expired coupon can be used until a job says so',
    file: COUPON,
    search: "state.status === 'ISSUED' && nowMs >= expiresAtMs ? 'EXPIRED' : state.status",
    replace: 'state.status',
    tests: LIFE_TEST,
  },
  {
    name: 'life: a coupon lives one moment too long',
    file: COUPON,
    search: 'nowMs >= expiresAtMs ?',
    replace: 'nowMs > expiresAtMs ?',
    tests: LIFE_TEST,
  },
  {
    name: 'life: a stranger reserves a coupon',
    file: RESERVE,
    search: '!coupon || coupon.userId !== command.userId',
    replace: '!coupon',
    tests: LIFE_ATTACKS,
    only: '32',
  },
  {
    name: 'life: a reservation id answers another request',
    file: RESERVE,
    search: 'known.orderAmount === command.orderAmount',
    replace: 'true',
    tests: LIFE_TEST,
  },
  {
    name: 'life: two coupons for one order',
    file: RESERVE,
    search: 'if (command.orderId !== null && orderHasCoupon(desk, command.userId, command.orderId)) {',
    replace: "if (command.orderId === '') {",
    tests: LIFE_STORE_TEST,
    only: 'of one order',
  },
  {
    name: 'life: one hold too many',
    file: RESERVE,
    search: 'holds.length < HOLDS_MAX',
    replace: 'holds.length <= HOLDS_MAX',
    tests: LIFE_STORE_TEST,
    only: 'the cap',
  },
  {
    name: 'life: a release frees what was paid',
    file: RESERVATION_STEPS,
    search:
      "if (reservation.status === 'CONFIRMED') return refused('COUPON_ALREADY_USED');\n  if (reservation.status === 'CANCELLED') return",
    replace: "if (reservation.status === 'CANCELLED') return",
    tests: LIFE_TEST,
  },
  {
    name: 'life: a late payment robs the customer at the till',
    file: RESERVATION_STEPS,
    search: "if (reservation.status === 'PENDING') return use(",
    replace: "if (reservation.status === 'PENDING' && !isOverdue(reservation, desk.nowMs)) return use(",
    tests: LIFE_TEST,
  },
  {
    name: 'life: a late payment takes a coupon that is gone',
    file: RESERVATION_STEPS,
    search: "if (statusAt(coupon, desk.nowMs) !== 'ISSUED') return undefined;",
    replace: '',
    tests: LIFE_STORE_TEST,
    only: 'late payment',
  },
  {
    name: 'life: a late extension',
    file: RESERVATION_STEPS,
    search: "reservation.status === 'EXPIRED' || isOverdue(reservation, desk.nowMs)",
    replace: "reservation.status === 'EXPIRED'",
    tests: LIFE_TEST,
  },
  {
    name: 'life: a discount above the order',
    file: DISCOUNT,
    search: 'return minOf(terms.discountValue, orderAmount);',
    replace: 'return terms.discountValue;',
    tests: DISCOUNT_TEST,
  },
  {
    name: 'life: a percentage without its cap',
    file: DISCOUNT,
    search: 'terms.maxDiscountAmount === null ? part : minOf(part, terms.maxDiscountAmount)',
    replace: 'part',
    tests: DISCOUNT_TEST,
  },
  {
    name: 'life: a payment event has its effect each time',
    file: PAYMENT,
    search:
      'if (!desk.claim(command.eventId)) return IGNORED;\n  const reservation = reservationOf(desk, command);\n  const couponId',
    replace: 'const reservation = reservationOf(desk, command);\n  const couponId',
    tests: LIFE_STORE_TEST,
    only: 'event',
  },
  {
    name: 'life: a refund restores against the policy',
    file: `${DOMAIN}/coupon-steps.ts`,
    search: 'coupon.terms.restoreOnRefund && ',
    replace: '',
    tests: LIFE_TEST,
  },
  {
    name: 'life: a reservation that timed out cannot be closed',
    file: RESERVATION_STEPS,
    search: "if (reservation.status === 'EXPIRED') return done(coupon, desk.close(reservation));",
    replace: "if (reservation.status === 'EXPIRED') return done(coupon, reservation);",
    tests: LIFE_TEST,
    only: 'late payment',
  },
  {
    name: 'life: a withdrawn coupon keeps its place in the stock',
    file: WITHDRAW,
    search: 'policy.issuedCount - (returnStock ? 1 : 0)',
    replace: 'policy.issuedCount',
    tests: LIFE_STORE_TEST,
    only: 'withdrawn',
  },
  {
    name: 'life: a used coupon withdrawn',
    file: WITHDRAW,
    search: "if (status === 'USED') return refused('COUPON_ALREADY_USED');",
    replace: '',
    tests: LIFE_TEST,
  },
  {
    name: 'issuing: a customer takes what is given out by hand',
    file: ISSUE,
    search: 'WAY_OF[distributionType] === via ? undefined',
    replace: 'WAY_OF[distributionType] !== undefined ? undefined',
    tests: ISSUE_TEST,
  },
  {
    name: 'issuing: an event gives a user two coupons',
    file: ISSUE,
    search: 'if (claim?.userId === command.userId) return alreadyIssued(claim);',
    replace: '',
    tests: ISSUE_TEST,
  },
  {
    name: 'issuing: a code redeemed twice within a group',
    file: ISSUE,
    search: 'if (key !== undefined) claims.set(key, coupon);',
    replace: '',
    tests: ISSUE_TEST,
  },
  {
    name: 'codes: a swap of neighbours passes',
    file: CODE,
    search: 'sum = (sum * 2 + value) % prime;',
    replace: 'sum = (sum + value) % prime;',
    tests: CODE_TEST,
  },
  {
    name: 'codes: an O is read as a 1',
    file: CODE,
    search: "(letter === 'O' ? '0' : '1')",
    replace: "'1'",
    tests: CODE_TEST,
  },
  {
    name: 'points: accounts are not locked',
    file: POINT_READS,
    search: 'where user_id = any($1::bigint[]) order by user_id for no key update`',
    replace: 'where user_id = any($1::bigint[]) order by user_id`',
    tests: POINT_STORE_TEST,
    only: 'races on three nodes',
  },
  {
    name: 'points: the walk over lots stops too early',
    file: POINT_READS,
    search: 'where w.need > 0',
    replace: 'where w.need > 5',
    tests: POINT_STORE_TEST,
    only: 'of which a spend needs several',
  },
  {
    name: 'points: the walk over lots counts those that a cancel empties',
    file: POINT_READS,
    search: ' and id <> all($7::bigint[])',
    replace: ' and $7::bigint[] is not null',
    tests: POINT_STORE_TEST,
    only: 'never leaves the spend short',
  },
  {
    name: 'points: keys are not looked up',
    file: POINT_READS,
    search: 'if (keys.length > 0)',
    replace: 'if (keys.length > 1e9)',
    tests: POINT_STORE_TEST,
    only: 'keys',
  },
  {
    name: 'points: a refusal is not kept for its key',
    file: `${POINT}/domain/keyed.ts`,
    search: "if (outcome.kind === 'refused') desk.refuse(",
    replace: 'if (false) desk.refuse(',
    tests: POINT_STORE_TEST,
    only: 'keep a refusal',
  },
  {
    name: 'points: a refund gives back what was taken first',
    file: `${POINT}/domain/give-back.ts`,
    search: 'taken.toReversed()',
    replace: 'taken',
    tests: POINT_STORE_TEST,
    only: 'given back in parts',
  },
  {
    name: 'points: expired lots count until a job comes',
    file: `${POINT}/domain/lot.ts`,
    search: 'nowMs >= lot.expiresAtMs;',
    replace: 'nowMs > lot.expiresAtMs + 60_000;',
    tests: LEDGER_TEST.concat(POINT_STORE_TEST),
  },
  {
    name: 'points: what is held does not count for the cap',
    file: `${POINT}/domain/keyed.ts`,
    search: 'balance + desk.account(command.userId).held + command.amount',
    replace: 'balance + command.amount',
    tests: POINT_STORE_TEST,
    only: 'limits',
  },
  {
    name: 'points: the program may change the ledger',
    file: 'src/platform/postgres/grants.ts',
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
    file: `${ORDER}/domain/product-terms.ts`,
    search: 'edit.version !== product.version',
    replace: 'edit.version > product.version',
    tests: PRODUCTS_TEST,
  },
  {
    name: 'goods: a product is edited without its lock',
    file: `${ORDER}/adapters/postgres/goods-store.ts`,
    search: `.where(eq(products.id, productId)).for('no key update');`,
    replace: '.where(eq(products.id, productId));',
    tests: PRODUCTS_TEST.concat(TIME_SALES_TEST),
    only: 'two editors|carved exactly',
  },
  {
    name: 'goods: what is left of a time sale stays in it',
    file: `${ORDER}/adapters/postgres/time-sale-windows.ts`,
    search: 'set stock = p.stock + back.quantity',
    replace: 'set stock = p.stock',
    tests: TIME_SALES_TEST,
  },
  {
    name: 'goods: reserved units go back when the time sale ends',
    file: `${ORDER}/domain/time-sale-turn.ts`,
    search: 'stock: 0, returned: returned + stock }',
    replace: 'stock: 0, reserved: 0, returned: returned + stock + timeSale.reserved }',
    tests: TIME_SALES_TEST,
  },
  {
    name: 'goods: a time sale ends a moment late',
    file: `${ORDER}/domain/time-sale-turn.ts`,
    search: 'nowMs >= endsAtMs',
    replace: 'nowMs > endsAtMs',
    tests: TIME_SALES_TEST,
  },
  {
    name: 'goods: a time sale is announced twice by two nodes',
    file: `${ORDER}/adapters/postgres/time-sale-windows.ts`,
    search: `    .for('no key update');`,
    replace: ';',
    tests: TIME_SALES_TEST,
    only: 'many in batches|at the end of a sale',
  },
  {
    name: 'goods: hidden products are listed',
    file: `${ORDER}/adapters/postgres/goods-reader.ts`,
    search: `hiddenOf === 'ALL' ? undefined : hiddenOf === 'NONE' ? isShown :`,
    replace: `hiddenOf === 'ALL' || hiddenOf === 'NONE' ? undefined :`,
    tests: PRODUCTS_TEST,
    only: 'that is hidden',
  },
  {
    name: 'goods: the popular days begin a day late',
    file: `${ORDER}/application/list-popular-products.ts`,
    search: '(within(days, DAYS_MAX) - 1) * DAY_MS',
    replace: '(within(days, DAYS_MAX) - 2) * DAY_MS',
    tests: PRODUCTS_TEST,
    only: 'most sold',
  },
  {
    name: 'streams: each watcher looks for itself',
    file: 'src/gateway/stock-streams.ts',
    search: 'if (known) return known;',
    replace: '',
    tests: ['src/gateway/stock-streams.test.ts'],
  },
  ...['stock', 'job'].map((kind) => ({
    name: `streams: who has left already watches the ${kind} for good`,
    file: `src/gateway/${kind}-streams.ts`,
    search: 'if (response.destroyed) return;',
    replace: '',
    tests: [`src/gateway/${kind}-streams.test.ts`],
  })),
];
