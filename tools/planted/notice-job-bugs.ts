import type { PlantedBug } from './bugs.ts';

const STORE = 'src/contexts/notification/adapters/postgres/jobs/job-store.ts';
const STARTS = 'src/contexts/notification/application/jobs/start-jobs.ts';
const TURN = 'src/contexts/notification/application/jobs/opening-turn.ts';
const ANNOUNCEMENTS = 'src/contexts/notification/application/jobs/announcements.ts';
const TESTS = ['src/contexts/notification/test/jobs.int.test.ts'];

/** In notices for many users. */
export const NOTICE_JOB_BUGS: readonly PlantedBug[] = [
  {
    name: 'notice jobs: a runner that lost its lease completes its page',
    file: STORE,
    within: 'postgresJobStore',
    search: 'rowCount !== 1',
    replace: 'rowCount === null',
    tests: TESTS,
    only: 'SIGSTOP',
  },
  {
    name: 'notice jobs: the number of notices is not stored',
    file: STORE,
    within: 'ADVANCE',
    search: 'written = $4',
    replace: 'written = written + 0 * $4',
    tests: TESTS,
    only: 'each follower of a store gets one notice',
  },
  {
    name: 'notice jobs: a job starts before its time',
    file: STORE,
    within: 'ACQUIRE',
    search: 'starts_at <= $1 and ',
    replace: '',
    tests: TESTS,
    only: 'a job starts at its time',
  },
  {
    name: 'notice jobs: an event that is delivered again begins a second job',
    file: STARTS,
    within: 'startJob',
    search: '...start, id: nextId()',
    replace: '...start, onceKey: null, id: nextId()',
    tests: TESTS,
    only: 'tells the followers of its store',
  },
  {
    name: 'notice jobs: an owner announces to everybody',
    file: ANNOUNCEMENTS,
    within: 'check',
    search: '!isOperator(principal.role)',
    replace: "principal.role === 'CUSTOMER'",
    tests: TESTS,
    only: 'only administrators begin',
  },
  {
    name: 'notice jobs: a page of holders ends behind what is issued',
    file: 'src/contexts/coupon/application/queries/list-holders.ts',
    within: 'listHolders',
    search: 'Math.min(to, issued)',
    replace: 'to',
    tests: ['src/contexts/coupon/adapters/postgres/queries/holder-reader.int.test.ts'],
    only: 'no holder is left out',
  },
  {
    name: 'notice jobs: followers are told of a policy that is paused or suspended',
    file: TURN,
    within: 'turnOf',
    search: `policy.suspensionReason !== undefined || policy.status === 'PAUSED'`,
    replace: 'opensMs < 0',
    tests: TESTS,
    only: 'before it resumes',
  },
  {
    name: 'notice jobs: a policy that was moved is announced at its old time',
    file: TURN,
    within: 'turnOf',
    search: 'isReminder || opensMs <= nowMs ?',
    replace: 'opensMs > 0 ?',
    tests: TESTS,
    only: 'moved to another time',
  },
  {
    name: 'notice jobs: an early activation without followers is forgotten',
    file: STARTS,
    within: 'startJob',
    search: ' && start.startsAt.getTime() <= clock()',
    replace: '',
    tests: TESTS,
    only: 'after it was activated early',
  },
  {
    name: 'notice jobs: a list without users ends an announcement',
    file: STORE,
    within: 'SUBMIT',
    search: ' and total > 0',
    replace: '',
    tests: TESTS,
    only: 'a list without users',
  },
  {
    name: 'notice jobs: a running job is not cancelled',
    file: STORE,
    within: 'CANCEL',
    search: ", 'RUNNING'",
    replace: '',
    tests: TESTS,
    only: 'cancelled between two pages',
  },
];
