import type { Command } from 'commander';
import { idOption } from './id-option.ts';
import { runBody } from './run-body.ts';
import { wholeNumber } from './whole-number.ts';

const ELSEWHERE = 'a server elsewhere; set JWT_SECRET and DATABASE_URL to its own';

/** Generates and exports unique codes of a policy through the running server, like an admin over HTTP. */
export function defineCodes(program: Command): Command {
  const codes = program.command('codes').description('unique codes of a coupon policy');
  codes
    .command('generate')
    .description('make unique codes and wait until they are there')
    .requiredOption('--policy <id>', 'the policy; its type is CODE', idOption)
    .requiredOption('--count <n>', 'how many, up to 1,000,000', wholeNumber(1_000_000))
    .option('--prefix <text>', 'put in front of every code')
    .option('--pattern <text>', 'a # for each symbol (default: #####-#####-####)')
    .option('--charset <text>', 'the symbols to draw from (default: digits and capitals without I, L, O, U)')
    .option('--url <url>', ELSEWHERE)
    .action(runBody(() => import('./codes/generate-run.ts')));
  codes
    .command('export')
    .description('print them as CSV: code, status, userId, redeemedAt')
    .requiredOption('--policy <id>', 'the policy', idOption)
    .option('--url <url>', ELSEWHERE)
    .action(runBody(() => import('./codes/export-run.ts')));
  return codes;
}
