import type { Command } from 'commander';
import { runBody } from '../run-body.ts';

export const defineShow = (dlq: Command): Command =>
  dlq
    .command('show')
    .argument('<id>', 'the event id that the list shows')
    .description('show one with its event and the reason')
    .action((id: string) => runBody(() => import('./show-run.ts'))({ id }));
