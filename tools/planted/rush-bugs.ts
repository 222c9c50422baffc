import type { PlantedBug } from './bugs.ts';

const ISSUE = 'src/contexts/coupon/application/issue';
const POSTGRES = 'src/contexts/coupon/adapters/postgres';
const OPTIMISTIC = `${POSTGRES}/issue/optimistic-issue.ts`;
const STORE = `${POSTGRES}/issue/issue-store.ts`;
const MAPPINGS = `${POSTGRES}/issue/issue-mappings.ts`;
const CACHE = `${ISSUE}/refusal-cache.ts`;
const KNOWN = `${ISSUE}/known-refusals.ts`;
const FEED = `${ISSUE}/fact-feed.ts`;
const CACHED_FACT = 'src/platform/kernel/cached-fact.ts';
const BATCHES = 'src/platform/batching/postgres-batches.ts';

type Mutation = Omit<PlantedBug, 'name' | 'tests' | 'only'> & Partial<Pick<PlantedBug, 'tests'>>;

/** Bugs of several nodes and gateways that issue coupons: each breaks an invariant for some seed of the simulation of a rush. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'policies are not locked': {
    file: STORE,
    within: 'LOCK_POLICIES',
    search: 'order by p.id for no key update',
    replace: 'order by p.id',
  },
  'policies are locked in any order': {
    file: STORE,
    within: 'LOCK_POLICIES',
    search: 'order by p.id for no key update',
    replace: 'for no key update',
  },
  "users' coupons are loaded before the lock": {
    file: STORE,
    within: 'issueReads',
    search: "reads.set('policies', lockPolicies(commands)); reads.set('holdings', loadHoldings(commands));",
    replace: "reads.set('holdings', loadHoldings(commands)); reads.set('policies', lockPolicies(commands));",
  },
  'the outcome of a lost COMMIT is looked up without the lock': {
    file: `${POSTGRES}/issue/is-coupon-there.ts`,
    within: 'isCouponThere',
    search: 'await lockPolicy(client, policyId);',
    replace: '',
  },
  'a lost COMMIT is taken for one that failed': {
    file: 'src/platform/postgres/lost-commit.ts',
    within: 'settleLostCommit',
    search: 'if (wasCommitted) return result;',
    replace: '',
  },
  'a lost COMMIT is taken for one that succeeded': {
    file: 'src/platform/postgres/lost-commit.ts',
    within: 'settleLostCommit',
    search: 'if (wasCommitted) return result;',
    replace: 'return result;',
  },
  'one statement: the count is not compared': {
    file: MAPPINGS,
    within: 'EXPECTED_POLICY',
    search: `issuedCount: shared(couponPolicies.currentIssueCount),
      lastSequenceNo: shared(couponPolicies.lastSequenceNo),
      status: shared(couponPolicies.status),
      refusalEpoch: shared(couponPolicies.refusalEpoch),
      version: shared(couponPolicies.version),
      fence`,
    replace: 'fence',
  },
  'one statement: it takes no lock': {
    file: OPTIMISTIC,
    within: 'ISSUE',
    search: 'for no key update ), counted',
    replace: '), counted',
  },
  'one statement: a refusal is decided on the cached state': {
    file: OPTIMISTIC,
    within: 'optimisticIssuer',
    search: 'if (!changed || !first || decision.issued.length < commands.length) return undefined;',
    replace: 'if (!changed || !first) return undefined;',
  },
  'the refusal epoch of a cached policy is not compared': {
    file: CACHE,
    within: 'createRefusalCache',
    search: 'policy.refusalEpoch > entry.policy.refusalEpoch',
    replace: 'policy.refusalEpoch < 0',
  },
  'users are refused by a node that does not know all holders': {
    file: CACHE,
    within: 'refusalOf',
    search: 'entry.complete ? closedRefusal(entry.policy, nowMs) : undefined',
    replace: 'closedRefusal(entry.policy, nowMs)',
  },
  'a coupon of another node leaves the holders complete': {
    file: CACHE,
    within: 'createRefusalCache',
    search: 'entry.complete = false;',
    replace: '',
  },
  'a cached fact is trusted for ever': {
    file: CACHED_FACT,
    within: 'isTrusted',
    search: 'ageMs >= 0 && ageMs < (isRefreshing(fact, nowMs) ? REFRESH_WAIT_MS : TRUST_MS)',
    replace: 'ageMs >= 0',
  },
  "a withdrawal does not raise the policy's refusal epoch": {
    file: 'src/contexts/coupon/domain/lifecycle/withdraw.ts',
    within: 'updateStock',
    search: 'refusalEpoch: policy.refusalEpoch + 1',
    replace: 'refusalEpoch: policy.refusalEpoch',
  },
  "gateway: a fact's second begins when it arrives": {
    file: KNOWN,
    within: 'knownRefusals',
    search: 'applyFact(fact, sentAt.get(tick))',
    replace: 'applyFact(fact, monotonic())',
  },
  'gateway: users are refused before all holders are known': {
    file: KNOWN,
    within: 'knownRefusals.refusalFor',
    search: 'fact.hasAllHolders && nowMs < entry.closedUntilMs ? fact.closed : undefined',
    replace: 'nowMs < entry.closedUntilMs ? fact.closed : undefined',
  },
  'gateway: holders of an earlier epoch stay': {
    file: KNOWN,
    within: 'knownRefusals.applyFact',
    search: 'entry.holders.clear(); forgetLearned(entry);',
    replace: '',
  },
  'gateway: all holders were sent of any state': {
    file: FEED,
    within: 'subscribe',
    search: 'sentHolders.get(policy.id) === stateOf(policy)',
    replace: 'sentHolders.has(policy.id)',
  },
  'an event that is delivered again has another effect': {
    file: 'src/platform/postgres/inbox.ts',
    within: 'handleOnce',
    search: 'events.filter(({ event }) => isFresh(event.eventId))',
    replace: 'events.filter(({ event }) => isFresh(event.eventId) || true)',
  },
  'events are deleted though the bus did not take them': {
    file: 'src/platform/events/outbox-drain.ts',
    within: 'outboxDrain.retryLater',
    search: 'metrics.failures.inc();',
    replace: 'metrics.failures.inc(); finished.push(row.id);',
  },
  'one statement: the fence is not raised when its outcome was looked up': {
    file: OPTIMISTIC,
    within: 'wasIssued',
    search: 'await client.query(FENCE, [coupon.policyId]);',
    replace: '',
  },
  'one statement: the fence is not compared': {
    file: MAPPINGS,
    within: 'EXPECTED_POLICY',
    search: 'fence: shared(couponPolicies.fence),',
    replace: '',
  },
  'one statement: a command with a key': {
    file: OPTIMISTIC,
    within: 'isPlain',
    search: '&& idempotency === undefined',
    replace: '',
  },
  "gateway: a fact's second begins with the newest tick": {
    file: KNOWN,
    within: 'knownRefusals',
    search: 'applyFact(fact, sentAt.get(tick))',
    replace: 'applyFact(fact, sentAt.get(lastTick))',
  },
  'a refusal is cached for two seconds': {
    file: CACHED_FACT,
    within: 'TRUST_MS',
    search: '1_000',
    replace: '2_000',
  },
  'the result of a key is stored beside its effect': {
    file: BATCHES,
    within: 'postgresBatches',
    search: '...insertEvents(batchId, events), ...writes]',
    replace:
      '...insertEvents(batchId, events), ...writes.flatMap(({ text, values }) => { void database.pool.query(text, [...values]).catch(() => undefined); return []; })]',
  },
  'the result of a key is not stored': {
    file: BATCHES,
    within: 'postgresBatches',
    search: '...insertEvents(batchId, events), ...writes]',
    replace: '...insertEvents(batchId, events)]',
  },
  'a batch whose COMMIT had no response is retried without a look-up': {
    file: 'src/platform/postgres/batch-transaction.ts',
    within: 'batchTransaction',
    search: `return await settleLostCommit(result, outcome, (forMs) =>
      lookUpOutcome(database, (lookUpClient) => plan.wasCommitted(lookUpClient, result), forMs),
    );`,
    replace: "throw new RolledBack('not looked up');",
  },
  'a repeat of a key is refused from memory': {
    file: `${ISSUE}/issue-coupon.ts`,
    within: 'couponIssuer.issueOnce',
    search: 'return idempotency ? replayOr(deps.resultLookup, idempotency.commandKey, cached) : endOfTurn(cached);',
    replace: 'return endOfTurn(cached);',
  },
  'a repeat of a key in the queue is refused from memory': {
    file: `${ISSUE}/issue-batch.ts`,
    within: 'executeBatch',
    search: 'if (isRefresh || idempotency || !refusalCache',
    replace: 'if (isRefresh || !refusalCache',
  },
  'a repeat of a key is refused by what nodes share': {
    file: `${ISSUE}/issue-gate.ts`,
    within: 'askGate',
    search: "issueMethod !== 'CUSTOMER' || idempotency ||",
    replace: "issueMethod !== 'CUSTOMER' ||",
  },
  'a batch without events of its coupons': {
    file: OPTIMISTIC,
    within: 'optimisticIssuer',
    search: 'eventsOf(decision, snapshot)',
    replace: 'eventsOf({ ...decision, issued: decision.issued.slice(0, 1) }, snapshot)',
  },
};

/** Guards that no run of the simulation needs (ADR 73): each has a test of its own. */
const UNIT_BUGS: readonly PlantedBug[] = [
  {
    name: 'gateway: a fact from before a change that is known refuses',
    file: KNOWN,
    within: 'knownRefusals.applyFact',
    search: 'if (fact.refusalEpoch < entry.fact.refusalEpoch) return;',
    replace: '',
    tests: ['src/contexts/coupon/application/issue/known-refusals.test.ts'],
    only: 'from before a change',
  },
];

/** Bugs of the simulation itself: a history would depend on more than its seed. */
const VIRTUAL_TIME = { file: 'test/simulation/cluster/virtual-time.ts', within: 'useVirtualTime' };
const SIMULATION_BUGS: readonly PlantedBug[] = [
  {
    ...VIRTUAL_TIME,
    name: 'rush: a run begins before what the test runner has deferred',
    search: 'await new Promise(setImmediate);',
    replace: '',
    tests: ['test/simulation/cluster/rush.test.ts'],
    only: 'the history of a rush does not depend on what the test runner has deferred',
  },
  {
    ...VIRTUAL_TIME,
    name: 'rush: a timer that was replaced during a run is not noticed',
    search: 'if (!isKept) throw',
    replace: 'if (false) throw',
    tests: ['test/simulation/cluster/virtual-time.test.ts'],
  },
];

export const RUSH_BUGS: readonly PlantedBug[] = [
  ...Object.entries(MUTATIONS).map(([name, mutation]) => ({
    tests: ['test/simulation/cluster/rush.test.ts'],
    only: 'a rush over several nodes and gateways is exact for',
    ...mutation,
    name: `rush: ${name}`,
  })),
  ...UNIT_BUGS,
  ...SIMULATION_BUGS,
];
