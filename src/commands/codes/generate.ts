import type { Command } from 'commander';
import { apiKeyOption, idOption, serverOption, wholeNumber } from '../options.ts';
import { runBody } from '../run-body.ts';

export const defineGenerate = (codes: Command): Command =>
  codes
    .command('generate')
    .description('make unique codes and wait until they are there')
    .requiredOption('--policy <id>', 'the policy; its type is CODE', idOption)
    .requiredOption('--count <n>', 'how many, up to 1,000,000', wholeNumber(1_000_000))
    .option('--prefix <text>', 'put in front of every code')
    .option('--pattern <text>', 'a # for each symbol (default: #####-#####-####)')
    .option('--charset <text>', 'the symbols to draw from (default: digits and capitals without I, L, O, U)')
    .addOption(serverOption())
    .addOption(apiKeyOption())
    .action(runBody(() => import('./generate-run.ts')));
