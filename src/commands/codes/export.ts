import type { Command } from 'commander';
import { apiKeyOption, idOption, serverOption } from '../options.ts';
import { runBody } from '../run-body.ts';

export const defineExport = (codes: Command): Command =>
  codes
    .command('export')
    .description('print them as CSV: code, status, userId, redeemedAt')
    .requiredOption('--policy <id>', 'the policy', idOption)
    .addOption(serverOption())
    .addOption(apiKeyOption())
    .action(runBody(() => import('./export-run.ts')));
