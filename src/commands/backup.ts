import type { Command } from 'commander';
import { runBody } from './run-body.ts';

export const defineBackup = (program: Command): Command =>
  program
    .command('backup')
    .description('write one moment of the database to a file, also while the server runs')
    .argument('<file>', 'a file that does not exist yet')
    .action((file: string) => runBody(() => import('./backup/backup-run.ts'))({ file }));
