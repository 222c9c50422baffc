import { type Command, Option } from 'commander';
import { idOption, wholeNumber } from './options.ts';
import { runBody } from './run-body.ts';

export const defineAudit = (program: Command): Command =>
  program
    .command('audit')
    .description('check every invariant on the live system; exit 1 when one is broken')
    .option('--policy <id>', 'only this coupon policy', idOption)
    .option('--settle <seconds>', 'between the two looks at a difference between databases', wholeNumber(3_600), 60)
    .option('--json', 'print one JSON document', false)
    .addOption(
      // The result of one policy would take the place of that of all.
      new Option(
        '--metrics <file>',
        'also write the result for Prometheus, as a file of the textfile collector',
      ).conflicts('policy'),
    )
    .action(runBody(() => import('./audit/audit-run.ts')));
