import type { Command } from 'commander';
import { runBody } from '../run-body.ts';

export const defineTail = (events: Command): Command =>
  events
    .command('tail')
    .description('show events as they are published, one line each, until Ctrl-C')
    .option('--topic <topic...>', 'only of these topics')
    .option('--json', 'print each event as it is, one JSON document a line', false)
    .action(runBody(() => import('./tail-run.ts')));
