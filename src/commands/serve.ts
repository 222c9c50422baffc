import type { Command } from 'commander';
import { runBody } from './run-body.ts';

export const defineServe = (program: Command): Command =>
  program
    .command('serve')
    .description('start everything and serve')
    .option('--target <parts>', 'what this process hosts: all, or parts such as coupon,point', 'all')
    .action(runBody(() => import('./serve/serve-run.ts')));
