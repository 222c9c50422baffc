import type { PlantedBug } from './bugs.ts';

/** In the command line, the package, and backups. */
export const PACKAGE_BUGS: readonly PlantedBug[] = [
  {
    name: 'backup: the tables are read without a common snapshot',
    file: 'src/app/backup/back-up.ts',
    within: 'writeSnapshot',
    search: 'begin isolation level repeatable read read only',
    replace: 'begin isolation level read committed read only',
    tests: ['test/e2e/backup.e2e.test.ts'],
  },
  {
    name: 'backup: the checksum of a file is not compared',
    file: 'src/app/backup/backup-file.ts',
    within: 'backupReader',
    search: 'trailer.sha256 !== sha256',
    replace: "trailer.sha256 === ''",
    tests: ['src/app/backup/backup-file.test.ts'],
  },
  {
    name: 'backup: a row that begins like the end of a table ends it',
    file: 'src/app/backup/backup-file.ts',
    within: 'endOfRows',
    search: "lines.indexOf('\\n\\\\.\\n')",
    replace: "lines.indexOf('\\\\.\\n') - 1",
    tests: ['src/app/backup/backup-file.test.ts'],
  },
  {
    name: 'restore: a database that has tables is filled, too',
    file: 'src/app/backup/restore.ts',
    within: 'assertEmpty',
    search: '?.found !== true',
    replace: '?.found !== undefined',
    tests: ['test/e2e/backup.e2e.test.ts'],
  },
  {
    name: 'commands: a command line that makes no sense ends with 1',
    file: 'src/commands/error-report.ts',
    within: 'errorReport',
    search: 'error instanceof UsageError ? EXIT.USAGE : EXIT.FAILED',
    replace: 'error instanceof UsageError ? EXIT.FAILED : EXIT.FAILED',
    tests: ['src/commands/error-report.test.ts'],
  },
  {
    name: 'orders: the time zone of sales changes after a sale',
    file: 'src/contexts/order/adapters/postgres/sales-calendar.ts',
    within: 'CLAIM',
    search: 'not exists',
    replace: 'exists',
    tests: ['src/contexts/order/test/sales-calendar.int.test.ts'],
  },
  {
    name: 'stop: connections that end with the pools are reported',
    file: 'src/platform/postgres/database.ts',
    within: 'openDatabase',
    search: 'if (!isClosing) options.onError(error)',
    replace: 'options.onError(error)',
    tests: ['src/platform/postgres/database-close.int.test.ts'],
  },
  {
    name: 'package: the links of libraries are left to an install script',
    file: 'src/platform/postgres/embedded/library-links.ts',
    within: 'createLibraryLinks',
    search: 'existsSync(list) ?',
    replace: '!existsSync(list) ?',
    tests: ['src/platform/postgres/embedded/library-links.test.ts'],
  },
];
