import { type Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from './options.ts';
import { runBody } from './run-body.ts';

/** Reads a decimal number from `min` to `max` from the command line. */
const decimal =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };

export const definePlan = (program: Command): Command =>
  program
    .command('plan')
    .description('compute processes, cores, connections, partitions and disk for an opening, from measured costs')
    .requiredOption('--users <n>', 'distinct users', wholeNumber(100_000_000))
    .requiredOption('--minutes <n>', 'within which they come', decimal(0.01, 10_000))
    .option('--coupons <n>', 'coupons (default: a tenth of the users)', wholeNumber(100_000_000))
    .option('--policies <n>', 'policies that share these coupons and users', wholeNumber(100_000), 1)
    .option('--requests <n>', 'requests of each user', decimal(1, 1_000), 1)
    .option('--peak <n>', 'requests in the busiest second, as a multiple of the mean', decimal(1, 10_000), 3)
    .option('--checkouts <n>', 'orders that are placed and paid in the same minutes', wholeNumber(100_000_000))
    .option('--utilization <n>', 'share of a core that may be used in the busiest second', decimal(0.05, 1), 0.6)
    .option('--core-speed <n>', 'speed of a core, as a multiple of the measured machine', decimal(0.1, 10), 1)
    .option('--json', 'print one JSON document', false)
    .action(runBody(() => import('./plan/plan-run.ts')));
