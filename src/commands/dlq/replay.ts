import type { Command } from 'commander';
import { runBody } from '../run-body.ts';
import type { ReplayOptions } from './replay-run.ts';

export const defineReplay = (dlq: Command): Command =>
  dlq
    .command('replay')
    .argument('[ids...]', 'event ids that the list shows')
    .option('--all', 'all of them', false)
    .option('--topic <topic>', 'only of this topic')
    .option('--group <group>', 'only those that this consumer gave up')
    .description('hand them to the consumers that gave them up and to no others; one that fails again stays')
    .action((ids: string[], options: Omit<ReplayOptions, 'ids'>) =>
      runBody(() => import('./replay-run.ts'))({ ...options, ids }),
    );
