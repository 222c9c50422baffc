import type { Command } from 'commander';
import { runBody } from '../run-body.ts';

export const defineAcls = (kafka: Command): Command =>
  kafka
    .command('acls')
    .description('print the access rules of each service, as a script for kafka-acls.sh')
    .option('--user-prefix <text>', 'before the name of each user', '')
    .option('--json', 'print the rules as JSON', false)
    .action(runBody(() => import('./acls-run.ts')));
