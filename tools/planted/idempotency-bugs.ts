import type { PlantedBug } from './bugs.ts';

const OPERATIONS = ['test/idempotency/lost-answer.int.test.ts'];
const RESULT_FIRST = ['test/idempotency/result-first.int.test.ts'];
const UNCONFIRMED = ['src/platform/idempotency/unconfirmed-replay.int.test.ts'];
const OPTIMISTIC_TEST = ['src/contexts/coupon/test/optimistic.int.test.ts'];
const IN_USE = ['test/idempotency/key-in-use.int.test.ts'];
const EXPIRED = ['src/platform/idempotency/expired-results.int.test.ts'];
const KEYED_ISSUE = ['src/contexts/coupon/application/keyed-issue.test.ts'];
const ISSUING = 'src/contexts/coupon/application/issue-coupon.ts';
const ATTACKS = ['test/attacks/idempotency.int.test.ts'];

/** Against what gives an idempotency key one effect. */
export const IDEMPOTENCY_BUGS: readonly PlantedBug[] = [
  {
    name: 'the result of a key is stored outside of the transaction of its effect',
    file: 'src/platform/idempotency/transact-once.ts',
    search: 'await run(client, insertResults(',
    replace: 'await run(pool as never, insertResults(',
    tests: OPERATIONS,
    only: 'request lost',
  },
  {
    name: 'a batch stores no results of its keys',
    file: 'src/platform/idempotency/keyed-batch.ts',
    search: 'writes: results.length === 0 ? [] : [insertResults(results)]',
    replace: 'writes: []',
    tests: OPERATIONS,
    only: 'answer lost',
  },
  {
    name: 'the hash of a request is not compared',
    file: 'src/platform/kernel/command-key.ts',
    search: 'Buffer.compare(requestHash, kept.requestHash) === 0',
    replace: 'Buffer.compare(requestHash, kept.requestHash) !== 2',
    tests: ATTACKS,
    only: 'the same key with another body',
  },
  {
    name: 'the scope of a key leaves out the user that a machine acts for',
    file: 'src/gateway/keyed-call.ts',
    search: 'apiKey !== undefined && userId !== 0n',
    replace: 'apiKey !== undefined && userId === 0n',
    tests: ATTACKS,
    only: 'acts for two users',
  },
  {
    name: 'aliases of an operation have keys of their own',
    file: 'src/gateway/idempotency.interceptor.ts',
    search: '`${request.method} ${firstRoute(context)}`',
    replace: '`${request.method} ${request.routeOptions.url}${firstRoute(context).slice(0, 0)}`',
    tests: ATTACKS,
    only: 'aliases',
  },
  {
    name: 'a replay does not wait for the standby',
    file: 'src/platform/idempotency/command-results.ts',
    search: '  if (replays.some((replay) => replay !== undefined)) await client.query(CONFIRM.text);\n',
    replace: '',
    tests: UNCONFIRMED,
  },
  {
    name: 'a batch that only replays does not wait for the standby',
    file: 'src/platform/postgres/group-transaction.ts',
    search: 'writes.length === 0 ? [CONFIRM] : writes',
    replace: 'writes',
    tests: UNCONFIRMED,
  },
  {
    name: 'a code is looked up before the key of its command',
    file: 'src/contexts/coupon/application/redeem-code.ts',
    search: 'return replayOr(kept, commandKey, NOT_FOUND);',
    replace: 'return Promise.resolve(NOT_FOUND);',
    tests: RESULT_FIRST,
  },
  {
    name: 'the rows of a list with a key carry no event',
    file: 'src/contexts/coupon/application/direct-issue.ts',
    search: 'eventId: commandKey && `direct-issue:${recordId}:${row}`',
    replace: 'eventId: commandKey && recordId < 0n ? `direct-issue:${row}` : undefined',
    tests: RESULT_FIRST,
  },
  {
    name: 'one statement: commands with a key are issued so, too',
    file: 'src/contexts/coupon/adapters/postgres/optimistic-issue.ts',
    search: ' && keep === undefined;',
    replace: ' && keep !== null;',
    tests: OPTIMISTIC_TEST,
  },
  {
    name: 'a batch does not compare the hashes of its own commands',
    file: 'src/platform/idempotency/keyed-batch.ts',
    search: 'if (stored) return replayOf(keep.commandKey, {',
    replace: 'if (stored) return replayOf(first.keep.commandKey, {',
    tests: ['src/platform/idempotency/keyed-batch.test.ts'],
  },
  {
    name: 'a key that another transaction has just stored is no reason to try again',
    file: 'src/platform/postgres/failures.ts',
    search: "if (isKeyTaken(error)) return 'transient';",
    replace: "if (isKeyTaken(error)) return 'poison';",
    tests: RESULT_FIRST,
  },
  {
    name: 'results are read before the locks when coupons are issued',
    file: 'src/contexts/coupon/adapters/postgres/issue-store.ts',
    search: `        load: [...loads, ...batch.reads],
        decide: (loaded, nowMs) => {`,
    replace: `        load: [...batch.reads, ...loads],
        decide: (rows, nowMs) => {
          const loaded = [...rows.slice(batch.reads.length), ...rows.slice(0, batch.reads.length)];`,
    tests: IN_USE,
    only: 'issues a coupon',
  },
  {
    name: 'memory refuses a command with a key when it arrives',
    file: ISSUING,
    search: 'return keep ? replayOr(deps.kept, keep.commandKey, met) : endOfTurn(met);',
    replace: 'return endOfTurn(met);',
    tests: KEYED_ISSUE,
  },
  {
    name: 'memory refuses a command with a key while it is queued',
    file: ISSUING,
    search: '!readsAgain && !keep && known.knowsAllHolders',
    replace: '!readsAgain && known.knowsAllHolders',
    tests: KEYED_ISSUE,
  },
  {
    name: 'a command with a key is refused because its user asked a moment ago',
    file: ISSUING,
    search: 'return keep ? replayOr(deps.kept, keep.commandKey, TOO_OFTEN) : Promise.resolve(TOO_OFTEN);',
    replace: 'return Promise.resolve(TOO_OFTEN);',
    tests: KEYED_ISSUE,
  },
  {
    name: 'a key that is in flight on this node is taken again',
    file: 'src/gateway/keys-in-flight.ts',
    search: 'if (taken.has(place)) throw',
    replace: "if (place === '') throw",
    tests: ['src/gateway/keys-in-flight.test.ts'],
  },
  {
    name: 'a transaction begins although another one has its key',
    file: 'src/platform/idempotency/transact-once.ts',
    search: 'if (!rows[0]?.isMine) throw',
    replace: 'if (!rows[0]) throw',
    tests: EXPIRED,
  },
  {
    name: 'an expired result is replayed until it is swept',
    file: 'src/platform/idempotency/command-results.ts',
    search: '.filter(({ isExpired }) => !isExpired)',
    replace: '',
    tests: EXPIRED,
  },
  {
    name: 'an expired result stays in the way of a batch',
    file: 'src/platform/idempotency/keyed-batch.ts',
    search: '[...clearing, ...writes]',
    replace: 'writes',
    tests: EXPIRED,
  },
  {
    name: 'an expired result stays in the way of a transaction',
    file: 'src/platform/idempotency/transact-once.ts',
    search: 'if (expired.length > 0) await',
    replace: 'if (expired.length < 0) await',
    tests: EXPIRED,
  },
  {
    name: 'an expired result proves that a COMMIT happened',
    file: 'src/platform/idempotency/command-results.ts',
    search: ' and request_hash = $3 and expires_at > now()`',
    replace: ' and request_hash = $3`',
    tests: EXPIRED,
  },
  {
    name: 'the sweep deletes one batch only',
    file: 'src/platform/idempotency/sweep.ts',
    search: 'if ((rowCount ?? 0) < ROWS_MAX) break;',
    replace: 'if ((rowCount ?? 0) <= ROWS_MAX) break;',
    tests: EXPIRED,
  },
  {
    name: 'a key of points and orders has an effect for each user that is named',
    file: 'src/gateway/keyed-call.ts',
    search: 'actsForAnybody(principal) ? call.commandKey : undefined',
    replace: 'undefined',
    tests: ATTACKS,
    only: 'one key of an administrator',
  },
  {
    name: 'a key pays one order after the other',
    file: 'src/contexts/order/application/pay-order.ts',
    search: 'keep: commandKey && { commandKey, resultOf: onceChanged }',
    replace: 'keep: undefined',
    tests: ATTACKS,
    only: 'pays one order',
  },
  {
    name: 'an order that is placed for another user does not mark its key',
    file: 'src/contexts/order/application/once-changed.ts',
    search: "outcome.kind === 'placed' ? DONE : undefined",
    replace: 'undefined',
    tests: ATTACKS,
    only: 'places an order',
  },
  {
    name: 'a refusal of points for another user does not mark its key',
    file: 'src/contexts/point/application/submit-once.ts',
    search: " && outcome.refusal.code === 'IDEMPOTENCY_KEY_REUSED' ? undefined",
    replace: ' ? undefined',
    tests: ATTACKS,
    only: 'and was refused',
  },
];
