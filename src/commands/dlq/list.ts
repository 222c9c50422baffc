import type { Command } from 'commander';
import { wholeNumber } from '../options.ts';
import { runBody } from '../run-body.ts';

export const defineList = (dlq: Command): Command =>
  dlq
    .command('list')
    .description('list them, oldest first')
    .option('--topic <topic>', 'only of this topic')
    .option('--group <group>', 'only those that this consumer gave up')
    .option('--limit <n>', 'how many at most', wholeNumber(99_999), 100)
    .option('--json', 'print one JSON document a line', false)
    .action(runBody(() => import('./list-run.ts')));
