import type { Command } from 'commander';
import { runBody } from './run-body.ts';

export const defineSeed = (program: Command): Command =>
  program
    .command('seed')
    .description('add demo data: an owner, policies of several kinds, products and time sales; may be repeated')
    .action(runBody(() => import('./seed/seed-run.ts')));
