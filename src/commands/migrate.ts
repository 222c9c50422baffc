import type { Command } from 'commander';
import { runBody } from './run-body.ts';

export const defineMigrate = (program: Command): Command =>
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .action(runBody(() => import('./migrate/migrate-run.ts')));
