import type { PlantedBug } from './bugs.ts';

const REDIS = 'src/platform/redis';
const READ = `${REDIS}/facts/read-fact.lua`;
const RECORD = `${REDIS}/facts/record-fact.lua`;
const FACTS_TEST = [`${REDIS}/facts/shared-facts.int.test.ts`];
const CLIENT_TEST = [`${REDIS}/redis.int.test.ts`];
const TROUBLE_TEST = [`${REDIS}/trouble.int.test.ts`];
const GATE = 'src/contexts/coupon/application/issue/issue-gate.ts';
const GATE_TEST = ['src/contexts/coupon/test/issue-gate.int.test.ts'];
const SALE_GATE = 'src/contexts/order/application/time-sale/sale-gate.ts';
const SALE_GATE_TEST = ['src/contexts/order/application/time-sale/sale-gate.test.ts'];
const KEYED_TEST = ['src/contexts/coupon/application/issue/keyed-issue.test.ts'];

/** Against the guards of what nodes share in Redis: it only refuses, by young facts, and nothing depends on it. */
export const REDIS_BUGS: readonly PlantedBug[] = [
  {
    name: 'redis: a fact is trusted whatever its age by the clock of Redis',
    file: READ,
    search: 'trust - (now - at)',
    replace: 'trust',
    tests: FACTS_TEST,
    only: 'that a snapshot brought back',
  },
  {
    name: 'redis: a fact is trusted whatever its age by the clock of the database',
    file: READ,
    search: 'trust - (database - read)',
    replace: 'trust',
    tests: FACTS_TEST,
  },
  {
    name: 'redis: a fact from the future of a clock that was set back is trusted',
    file: READ,
    search: 'or left > trust or now < at or',
    replace: 'or',
    tests: FACTS_TEST,
  },
  {
    name: 'redis: members of an earlier state count as all',
    file: READ,
    search: "members[1] == fact[3] .. ' ' .. fact[4]",
    replace: 'members[1]',
    tests: FACTS_TEST,
  },
  {
    name: 'redis: a fact that arrives late is stored',
    file: RECORD,
    search: 'if now < at or now >= at + trust then return 0 end',
    replace: '',
    tests: FACTS_TEST,
  },
  {
    name: 'redis: a fact of an older epoch replaces a newer one',
    file: RECORD,
    search: 'epoch < stored_epoch or',
    replace: '',
    tests: FACTS_TEST,
  },
  {
    name: 'redis: a fact expires a second after it was stored',
    file: RECORD,
    search: "redis.call('PEXPIREAT', KEYS[1], at + trust)",
    replace: "redis.call('PEXPIREAT', KEYS[1], now + trust)",
    tests: FACTS_TEST,
  },
  {
    name: 'redis: a reading is used by a node that was frozen since',
    file: GATE,
    within: 'askGate',
    search: '|| performance.now() >= soldOut.trustedUntilMs',
    replace: '',
    tests: KEYED_TEST,
  },
  {
    name: 'redis: the trust in a fact counts from the arrival of its reading',
    file: `${REDIS}/facts/shared-facts.ts`,
    within: 'openSharedFacts',
    search: 'const trustedUntilMs = sentAtMs + Number(leftMs);',
    replace: 'const trustedUntilMs = Math.max(sentAtMs, performance.now()) + Number(leftMs);',
    tests: FACTS_TEST,
    only: 'from before Redis was asked',
  },
  {
    name: 'redis: a fact refuses customers at a policy whose coupons they cannot request',
    file: GATE,
    within: 'askGate',
    search: "if (methodMismatch(policy, 'CUSTOMER')) return;",
    replace: "if (methodMismatch(policy, 'CUSTOMER')) void 0;",
    tests: ['src/contexts/coupon/application/issue/issue-gate.test.ts'],
  },
  {
    name: 'redis: a discovery that a frozen server accepted keeps its connection',
    file: `${REDIS}/connect.ts`,
    within: 'connect',
    search: '{ ...host, socketTimeout: SILENCE_MS }',
    replace: 'host',
    tests: [`${REDIS}/connect.test.ts`],
  },
  {
    name: 'redis: a window ends as if it began with the request',
    file: 'src/gateway/limits/redis-counters.ts',
    within: 'redisCounters',
    search: 'expire: nowMs + leftMs',
    replace: 'expire: Math.max(expire, nowMs + leftMs)',
    tests: ['src/gateway/limits/redis-counters.int.test.ts'],
    only: 'not that of a window which would begin now',
  },
  {
    name: 'redis: a node without facts of its own never asks PostgreSQL',
    file: GATE,
    within: 'askGate',
    search: 'if (index === 0 && commands.length > 1) return;',
    replace: '',
    tests: GATE_TEST,
  },
  {
    name: 'redis: holders as of another state are used',
    file: 'src/contexts/coupon/application/issue/refusal-cache.ts',
    within: 'createRefusalCache',
    search: 'return isSame ? entry.holders : undefined;',
    replace: 'return isSame || !isSame ? entry.holders : undefined;',
    tests: ['src/contexts/coupon/application/issue/refusal-cache.test.ts'],
    only: 'as of a state',
  },
  {
    name: 'redis: a command with a key is refused by a fact',
    file: GATE,
    within: 'askGate',
    search: '|| idempotency',
    replace: '',
    tests: KEYED_TEST,
  },
  {
    name: 'redis: a frozen Redis gets every command',
    file: `${REDIS}/redis.ts`,
    within: 'openRedis',
    search: '|| guard.isOpen() ||',
    replace: '||',
    tests: CLIENT_TEST,
    only: 'a frozen Redis',
  },
  {
    name: 'redis: a silent connection is kept',
    file: `${REDIS}/connect.ts`,
    within: 'opened',
    search: "withTimeout(each, SILENCE_MS, () => new Error('Redis was silent for 2 s'))",
    replace: 'each',
    tests: CLIENT_TEST,
    only: 'that is silent',
  },
  {
    name: 'redis: scripts are not sent again to a server without them',
    file: `${REDIS}/redis.ts`,
    within: 'openRedis',
    search: "kindOf(error) === 'NOSCRIPT'",
    replace: 'false',
    tests: CLIENT_TEST,
    only: 'without its scripts',
  },
  {
    name: 'redis: a server that has become a replica is kept',
    file: `${REDIS}/redis.ts`,
    within: 'openRedis',
    search: "if (on === connection && kindOf(error) === 'READONLY') onDemotion();",
    replace: '',
    tests: TROUBLE_TEST,
    only: 'has become a replica',
  },
  {
    name: 'redis: what Redis refuses is not logged',
    file: `${REDIS}/redis.ts`,
    within: 'openRedis.reportFailure',
    search: "kind === ''",
    replace: "kind !== ''",
    tests: TROUBLE_TEST,
    only: 'whose memory is full',
  },
  {
    name: 'redis: results of a slow server are waited for',
    file: `${REDIS}/redis.ts`,
    within: 'openRedis',
    search: 'await withDeadline(running, withinMs)',
    replace: 'await withDeadline(running, 10 * withinMs)',
    tests: TROUBLE_TEST,
    only: 'that takes 50 ms',
  },
  {
    name: 'redis: a slow server gets every command',
    file: `${REDIS}/redis.ts`,
    within: 'openRedis',
    search: "if (outcome === 'timeout') guard.timedOut();",
    replace: '',
    tests: TROUBLE_TEST,
    only: 'that takes 50 ms',
  },
  {
    name: 'redis: a request that Redis does not count is not counted',
    file: 'src/gateway/limits/redis-counters.ts',
    within: 'redisCounters',
    search: 'return await fallback.count(counting);',
    replace: 'return { points, expire };',
    tests: ['src/gateway/limits/redis-counters.int.test.ts'],
  },
  {
    name: 'redis: a counter without an end blocks its caller for good',
    file: 'src/gateway/limits/count-request.lua',
    search: 'if left < 0 or left > window then',
    replace: 'if left == -2 or points == tonumber(ARGV[1]) then',
    tests: ['src/gateway/limits/redis-counters.int.test.ts'],
  },
  {
    name: 'redis: a fact about a time sale of another state refuses',
    file: SALE_GATE,
    within: 'refusalByGate',
    search: 'fact.restocks === stale.restocks ? stale.refusal : undefined',
    replace: 'stale.refusal',
    tests: SALE_GATE_TEST,
  },
  {
    name: 'redis: a fact about a time sale refuses an order without a look-up of its key',
    file: 'src/contexts/order/application/placement/place-order.ts',
    within: 'placeOrder',
    search: 'if (refusal && !(await keyLookup.isPlaced(request)))',
    replace: 'if (refusal && !(cached && (await keyLookup.isPlaced(request))))',
    tests: ['src/contexts/order/application/placement/place-order.test.ts'],
  },
  {
    name: 'redis: the gate of a policy is read after the batch that is shared',
    file: 'src/contexts/coupon/application/issue/issue-batch.ts',
    within: 'executeBatch',
    search: 'gated?.share(',
    replace: '(await askGate?.(open, readAt))?.share(',
    tests: ['src/contexts/coupon/application/issue/issue-batch.test.ts'],
    only: 'with the times from before',
  },
  {
    name: 'redis: the gate of a time sale is read after the batch that is shared',
    file: 'src/contexts/order/application/order-batcher.ts',
    within: 'orderBatch',
    search: `const share = gate && (await beforeSalesAreRead(gate, soldOut, places, readAtMs));
      const ids = reserveIds(nextId, batch.length);
      const { decision, snapshot, outcomes } = await store.changeBatch(batch, (loaded, nowMs, newInputs) =>
        decideOrders(loaded, newInputs, { nowMs, nextId: ids, reservationMs, currency, openOrdersMax }),
      );`,
    replace: `const ids = reserveIds(nextId, batch.length);
      const { decision, snapshot, outcomes } = await store.changeBatch(batch, (loaded, nowMs, newInputs) =>
        decideOrders(loaded, newInputs, { nowMs, nextId: ids, reservationMs, currency, openOrdersMax }),
      );
      const share = gate && (await beforeSalesAreRead(gate, soldOut, places, readAtMs));`,
    tests: ['src/contexts/order/application/order-batcher.test.ts'],
    only: 'with the times from before',
  },
];
