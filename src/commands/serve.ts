import type { Command } from 'commander';
import { runBody } from './run-body.ts';

export const defineServe = (program: Command): Command =>
  program
    .command('serve')
    .description('start everything and serve')
    .action(runBody(() => import('./serve/serve-run.ts')));
