import type { PlantedBug } from './bugs.ts';

const STATEMENT = 'src/platform/postgres/pooled-statement.ts';
const SESSION = 'src/platform/postgres/session.ts';
const SERVER_TEST = ['test/gateway/pooler.int.test.ts'];

/** In what goes through a pooler, and what it leaves in a session that others use next. */
export const POOLER_BUGS: readonly PlantedBug[] = [
  {
    name: 'pooler: statements are prepared in shared sessions',
    file: STATEMENT,
    within: 'pooled',
    search: 'name: undefined',
    replace: '',
    tests: SERVER_TEST,
    only: 'is sent without its name',
  },
  {
    name: 'pooler: a setting stays in a shared session',
    file: STATEMENT,
    within: 'refuseState',
    search: 'STATE.test(text)',
    replace: 'text === undefined',
    tests: SERVER_TEST,
    only: 'is refused before it is sent',
  },
  {
    name: 'pooler: settings are sent as startup parameters',
    file: SESSION,
    within: 'sessionConfig',
    search: '(pooled ? {} : { options',
    replace: '(pooled === undefined ? {} : { options',
    tests: ['src/platform/postgres/pooled-statement.test.ts'],
    only: 'sends no settings as startup parameters',
  },
  {
    name: 'pooler: what every request depends on goes through it',
    file: 'src/platform/postgres/database.ts',
    within: 'openDatabase',
    search: "const vital = openQueries('vital', sizes.vital);",
    replace: 'const vital = pool;',
    tests: SERVER_TEST,
    only: 'stays ready while the pooler does not respond',
  },
];
