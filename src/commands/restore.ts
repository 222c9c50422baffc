import type { Command } from 'commander';
import { runBody } from './run-body.ts';

export const defineRestore = (program: Command): Command =>
  program
    .command('restore')
    .description('fill an empty database with what a backup has, and audit it; exit 1 when an invariant is broken')
    .argument('<file>', 'what stampede backup wrote')
    .action((file: string) => runBody(() => import('./restore/restore-run.ts'))({ file }));
