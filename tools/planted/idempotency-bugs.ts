import type { PlantedBug } from './bugs.ts';

const OPERATIONS = ['test/idempotency/lost-answer.int.test.ts'];
const RESULT_FIRST = ['test/idempotency/result-first.int.test.ts'];
const UNCONFIRMED = ['src/platform/idempotency/unconfirmed-replay.int.test.ts'];
const OPTIMISTIC_TEST = ['src/contexts/coupon/test/optimistic.int.test.ts'];
const ATTACKS = ['test/attacks/idempotency.int.test.ts'];

/** Against what gives an idempotency key one effect. */
export const IDEMPOTENCY_BUGS: readonly PlantedBug[] = [
  {
    name: 'the result of a key is stored outside of the transaction of its effect',
    file: 'src/platform/idempotency/transact-once.ts',
    search: 'if (result) await run(client, insertResults(',
    replace: 'if (result) await run(pool as never, insertResults(',
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
];
