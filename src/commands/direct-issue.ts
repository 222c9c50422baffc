import type { Command } from 'commander';
import { apiKeyOption, errorsOption, idOption, serverOption } from './options.ts';
import { runBody } from './run-body.ts';

export const defineDirectIssue = (program: Command): Command =>
  program
    .command('direct-issue')
    .description('issue coupons of a DIRECT policy to the users of a CSV file, and watch it')
    .requiredOption('--policy <id>', 'the coupon policy', idOption)
    .requiredOption('--file <path>', 'CSV with a column userId, or with user ids only')
    .option('--dry-run', 'change nothing, and show what would happen', false)
    .addOption(errorsOption())
    .addOption(serverOption())
    .addOption(apiKeyOption())
    .action(runBody(() => import('./direct-issue/direct-issue-run.ts')));
