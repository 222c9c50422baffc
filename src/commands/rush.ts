import { type Command, Option } from 'commander';
import { urlOption, wholeNumber } from './options.ts';
import { runBody } from './run-body.ts';

export const defineRush = (program: Command): Command =>
  program
    .command('rush')
    .description('send the requests of many users at once for few coupons, units or points, and check the outcome')
    .addOption(
      new Option('--kind <kind>', 'first-come coupons; orders at a time sale; orders that are paid with points')
        .choices(['coupon', 'timesale', 'checkout'])
        .default('coupon'),
    )
    .option('--users <n>', 'distinct users (default: 100000, checkout 20000)', wholeNumber(10_000_000))
    .option('--coupons <n>', 'coupons of the policy (default: 10000)', wholeNumber(10_000_000))
    .option('--units <n>', 'units in the time sale (default: 10000)', wholeNumber(10_000_000))
    .option('--connections <n>', 'connections kept open', wholeNumber(50_000), 512)
    .option('--json', 'print one JSON document', false)
    .addOption(urlOption())
    .action(runBody(() => import('./rush/rush-run.ts')));
