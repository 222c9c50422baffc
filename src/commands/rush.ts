import { type Command, InvalidArgumentError } from 'commander';
import { runBody } from './run-body.ts';

export const defineRush = (program: Command): Command =>
  program
    .command('rush')
    .description('let a crowd ask the running server for few coupons, all at once, and check the outcome')
    .option('--users <n>', 'distinct users, each of whom asks once', wholeNumber(10_000_000), 100_000)
    .option('--coupons <n>', 'coupons that there are', wholeNumber(10_000_000), 10_000)
    .option('--connections <n>', 'connections kept open', wholeNumber(50_000), 512)
    .option('--json', 'print one JSON document', false)
    .option('--url <url>', 'a server elsewhere; set JWT_SECRET and DATABASE_URL to its own')
    .action(runBody(() => import('./rush-run.ts')));

const wholeNumber =
  (max: number) =>
  (text: string): number => {
    if (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= max) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
