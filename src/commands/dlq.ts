import type { Command } from 'commander';
import { runBody } from './run-body.ts';
import { wholeNumber } from './whole-number.ts';

/** Lists, shows and replays dead letters. */
export function defineDlq(program: Command): Command {
  const dlq = program.command('dlq').description('events that a consumer could not handle');
  dlq
    .command('list')
    .description('list them, oldest first')
    .option('--topic <topic>', 'only of this topic')
    .option('--group <group>', 'only those that this consumer gave up')
    .option('--limit <n>', 'how many at most', wholeNumber(99_999), 100)
    .option('--json', 'print one JSON document a line', false)
    .action(runBody(() => import('./dlq/list-run.ts')));
  dlq
    .command('show')
    .argument('<id>', 'the event id that the list shows')
    .description('show one with its event and the reason')
    .action((id: string) => runBody(() => import('./dlq/show-run.ts'))({ id }));
  dlq
    .command('replay')
    .argument('[ids...]', 'event ids that the list shows')
    .option('--all', 'all of them', false)
    .option('--topic <topic>', 'only of this topic')
    .option('--group <group>', 'only those that this consumer gave up')
    .description('hand them to the consumers that gave them up and to no others; one that fails again stays')
    .action((ids: string[], options: { all: boolean; topic?: string; group?: string }) =>
      runBody(() => import('./dlq/replay-run.ts'))({ ...options, ids }),
    );
  return dlq;
}
