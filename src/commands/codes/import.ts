import type { Command } from 'commander';
import { apiKeyOption, errorsOption, idOption, serverOption } from '../options.ts';
import { runBody } from '../run-body.ts';

export const defineImport = (codes: Command): Command =>
  codes
    .command('import')
    .description('add the unique codes of a CSV file and wait until they are there')
    .requiredOption('--policy <id>', 'the policy; its type is CODE', idOption)
    .requiredOption('--file <path>', 'CSV with a column code, or with codes only')
    .option('--dry-run', 'change nothing, and show what would happen', false)
    .addOption(errorsOption())
    .addOption(serverOption())
    .addOption(apiKeyOption())
    .action(runBody(() => import('./import-run.ts')));
