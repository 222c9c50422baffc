import type { Command } from 'commander';
import { wholeNumber, workersOption } from './options.ts';
import { runBody } from './run-body.ts';

export const defineDoctor = (program: Command): Command =>
  program
    .command('doctor')
    .description('examine the configuration of a process and what it depends on; exit 1 when something has to be fixed')
    .option('--target <parts>', 'the parts that the process hosts, as for serve', 'all')
    .option(
      '--processes <number>',
      'how many processes there will be on the database, when more than run now',
      wholeNumber(10_000),
      0,
    )
    .addOption(workersOption('processes of a node, as for serve (WORKERS)'))
    .option('--json', 'print one JSON document', false)
    .action(runBody(() => import('./doctor/doctor-run.ts')));
