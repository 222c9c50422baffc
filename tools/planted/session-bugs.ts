import type { PlantedBug } from './bugs.ts';

const POSTGRES = 'src/platform/postgres';
const SESSION = `${POSTGRES}/session.ts`;
const SESSION_TEST = [`${POSTGRES}/session.int.test.ts`];
const REPLICATION_TEST = [`${POSTGRES}/replication.int.test.ts`];

/** In how connections give themselves up, and in which server they go to. */
export const SESSION_BUGS: readonly PlantedBug[] = [
  {
    name: 'sessions: silence is not noticed',
    file: SESSION,
    search: 'if (this.#answers === answers) {',
    replace: 'if (this.#answers < 0) {',
    tests: SESSION_TEST,
    only: 'a statement under way rejects',
  },
  {
    name: 'sessions: a process that was frozen takes answers for silence',
    file: SESSION,
    search: 'if (this.#answers === answers) {',
    replace: 'if (this.#answers >= answers) {',
    tests: SESSION_TEST,
    only: 'because this process was busy',
  },
  {
    name: 'sessions: a stale one is kept',
    file: SESSION,
    search: 'if (!isStaleSession(error)) return;',
    replace: 'if (error !== undefined) return;',
    tests: SESSION_TEST,
    only: 'a stale session',
  },
  {
    name: 'sessions: a read-only one makes its commands poison',
    file: `${POSTGRES}/failures.ts`,
    search: "new Set(['25006', ",
    replace: 'new Set([',
    tests: SESSION_TEST,
    only: 'a read-only session',
  },
  {
    name: 'sessions: the idle ones beside a silent one are kept',
    file: `${POSTGRES}/session-pool.ts`,
    search: '    session.onLost?.(error);\n',
    replace: '',
    tests: SESSION_TEST,
    only: 'takes the idle ones',
  },
  {
    name: 'sessions: a COMMIT that no standby confirmed counts as done',
    file: SESSION,
    search: "routine === 'SyncRepWaitForLSN'",
    replace: "routine === 'never'",
    tests: REPLICATION_TEST,
    only: 'has no known outcome',
  },
  {
    name: 'sessions: a lost COMMIT that is visible counts as replicated',
    file: `${POSTGRES}/group-transaction.ts`,
    search: '    if (happened) await client.query(CONFIRM);\n',
    replace: '',
    tests: REPLICATION_TEST,
    only: 'has no known outcome',
  },
  {
    name: 'sessions: the question after a lost COMMIT has no limit',
    file: `${POSTGRES}/group-transaction.ts`,
    search: 'setTimeout(() => (client as unknown as Session).giveUp(late), untilMs - performance.now())',
    replace: 'setTimeout(() => {}, 0)',
    tests: [`${POSTGRES}/group-transaction.int.test.ts`],
    only: 'asked about for a limited time',
  },
  {
    name: 'sessions: connecting for that question has no limit',
    file: `${POSTGRES}/group-transaction.ts`,
    search: 'await connectWithin(database.vital, forMs, late)',
    replace: 'await connectWithin(database.vital, 60_000, late)',
    tests: [`${POSTGRES}/group-transaction.int.test.ts`],
    only: 'asked about for a limited time',
  },
  {
    name: 'sessions: commands wait for one attempt after the other while PostgreSQL is silent',
    file: 'src/platform/batching/lane.ts',
    search: 'if (stuckSince !== undefined) rejectOverdue(',
    replace: 'if (stuckSince === -1) rejectOverdue(',
    tests: ['src/platform/batching/lane.test.ts'],
  },
  {
    name: 'sessions: a standby is taken for the primary',
    file: SESSION,
    search: 'if (this.#isReadOnly && ',
    replace: 'if (this.#hosts === undefined && ',
    tests: REPLICATION_TEST,
    only: 'refuses a standby alone',
  },
  {
    name: 'sessions: of two servers that take writes the first is taken',
    file: `${POSTGRES}/hosts.ts`,
    search: 'found.value.timeline > best.timeline',
    replace: 'found.value.timeline < best.timeline',
    tests: REPLICATION_TEST,
    only: 'promoted standby by a new process',
  },
  {
    name: 'sessions: the host of one that was given up is kept',
    file: SESSION,
    search: "this.on('error', () => this.#hosts.forget());",
    replace: "this.on('error', () => {});",
    tests: REPLICATION_TEST,
    only: 'after sessions were given up',
  },
  {
    name: 'sessions: a refused statement makes its connection stale for those behind it',
    file: SESSION,
    search: 'if (isInFailedTransaction(error) && this.#behindRefused > 0) return;',
    replace: '',
    tests: [`${POSTGRES}/group-transaction.int.test.ts`],
    only: 'costs no connection',
  },
  {
    name: 'sessions: one that was left in a failed transaction is kept',
    file: SESSION,
    search: 'isInFailedTransaction(error) && this.#behindRefused > 0',
    replace: 'isInFailedTransaction(error)',
    tests: SESSION_TEST,
    only: 'left in a failed transaction',
  },
];
