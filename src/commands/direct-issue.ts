import type { Command } from 'commander';
import { idOption } from './id-option.ts';
import { runBody } from './run-body.ts';

export const defineDirectIssue = (program: Command): Command =>
  program
    .command('direct-issue')
    .description('issue coupons of a DIRECT policy to the users of a CSV file, and watch it')
    .requiredOption('--policy <id>', 'the coupon policy', idOption)
    .requiredOption('--file <path>', 'CSV whose first column holds user ids')
    .option('--url <url>', 'a server elsewhere; set JWT_SECRET and DATABASE_URL to its own')
    .action(runBody(() => import('./jobs/direct-issue-run.ts')));
