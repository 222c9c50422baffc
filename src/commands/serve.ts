import type { Command } from 'commander';
import { workersOption } from './options.ts';
import { runBody } from './run-body.ts';

export const defineServe = (program: Command): Command =>
  program
    .command('serve')
    .description('start everything and serve')
    .option('--target <parts>', 'what this process hosts: all, or parts such as coupon,point', 'all')
    .addOption(workersOption('processes that share the port: a number, or auto for one on each core (WORKERS)'))
    .action(runBody(() => import('./serve/serve-run.ts')));
