import type { PlantedBug } from './bugs.ts';

const OPERATIONS = ['test/idempotency/lost-answer.int.test.ts'];
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
];
