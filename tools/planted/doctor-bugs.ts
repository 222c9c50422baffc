import type { PlantedBug } from './bugs.ts';

const SETTINGS = 'src/app/doctor/settings-checks.ts';
const DATABASE = 'src/app/doctor/database-checks.ts';
const SETTINGS_TEST = ['src/app/doctor/settings-checks.test.ts'];
const SERVERS_TEST = ['test/gateway/doctor.int.test.ts'];

/** In what `stampede doctor` finds. */
export const DOCTOR_BUGS: readonly PlantedBug[] = [
  {
    name: 'doctor: a check that cannot be carried out is left out',
    file: 'src/app/doctor/run-doctor.ts',
    within: 'runDoctor',
    search: '[fail(`This could not be checked: ${firstMessage(error)}.`)]',
    replace: '(firstMessage(error) === fail.name ? [] : [])',
    tests: SETTINGS_TEST,
    only: 'a check that throws is a failure',
  },
  {
    name: 'doctor: a sandbox that others reach is a warning',
    file: 'src/app/doctor/finding.ts',
    within: 'isExposed',
    search: 'production ||',
    replace: '',
    tests: SETTINGS_TEST,
    only: 'limits: .* is found',
  },
  {
    name: 'doctor: keys of few different characters are random',
    file: SETTINGS,
    within: 'keys',
    search: ' || new Set(text).size < CHARACTERS_MIN',
    replace: '',
    tests: SETTINGS_TEST,
    only: 'keys: .* is found',
  },
  {
    name: 'doctor: a connection to another machine need not be encrypted',
    file: 'src/app/doctor/tls-checks.ts',
    within: 'databaseEncryption',
    search: "['disable', 'allow', 'prefer'].includes(mode)",
    replace: "mode === 'prefer'",
    tests: SETTINGS_TEST,
    only: 'database encryption: .* is found',
  },
  {
    name: 'doctor: connections of one process are counted',
    file: DATABASE,
    within: 'connections',
    search: 'opened + others',
    replace: 'opened / counted + others',
    tests: SERVERS_TEST,
    only: 'more processes than max_connections allows',
  },
  {
    name: 'doctor: fsync may be off',
    file: DATABASE,
    within: 'ON',
    search: "['fsync', 'full_page_writes']",
    replace: "['full_page_writes']",
    tests: SERVERS_TEST,
    only: 'a server with fsync off',
  },
  {
    name: 'doctor: a role without limits passes behind a pooler',
    file: DATABASE,
    within: 'pooler',
    search: 'ms === 0 || ',
    replace: '',
    tests: SERVERS_TEST,
    only: 'a role without time limits',
  },
  {
    name: 'doctor: workers that do not run yet count as one process',
    file: DATABASE,
    within: 'connections',
    search: 'Math.max(planned, 1) * workers',
    replace: 'planned * workers, 1',
    tests: SERVERS_TEST,
    only: 'workers are counted before they run',
  },
  {
    name: 'doctor: workers have whole pools each',
    file: 'src/platform/postgres/connections.ts',
    within: 'connectionsOf',
    search: 'queryPoolSizes(workers)',
    replace: 'queryPoolSizes(1)',
    tests: SERVERS_TEST,
    only: 'workers are counted before they run',
  },
  {
    name: 'doctor: databases of shards are not examined',
    file: SETTINGS,
    within: 'databaseUrls',
    search: '(shards.of[name]?.databaseUrls ?? [])',
    replace: '(shards.of[name]?.databaseUrls.slice(0, 0) ?? [])',
    tests: SETTINGS_TEST,
    only: 'passwords: .* is found',
  },
  {
    name: 'plan: max_connections without those that PostgreSQL reserves',
    file: 'src/commands/plan/fleet.ts',
    within: 'planFleet',
    search: ' + RESERVED_CONNECTIONS',
    replace: '',
    tests: ['src/commands/plan/fleet.test.ts'],
    only: 'beside the ones that PostgreSQL reserves',
  },
];
