import type { Command } from 'commander';
import { runBody } from './run-body.ts';

export const defineLogout = (program: Command): Command =>
  program
    .command('logout')
    .description('end the session of login')
    .option('--url <url>', 'at this server; else at the one that commands call')
    .action(runBody(() => import('./logout/logout-run.ts')));
