import type { Command } from 'commander';
import { apiKeyOption, errorsOption, idOption, serverOption } from '../options.ts';
import { runBody } from '../run-body.ts';
import type { WatchOptions } from './watch-run.ts';

export const defineWatch = (jobs: Command): Command =>
  jobs
    .command('watch')
    .description('show how far a job is, of coupons or of notices, until it ends; exit 1 when it fails')
    .argument('<id>', 'the job', idOption)
    .addOption(errorsOption())
    .addOption(serverOption())
    .addOption(apiKeyOption())
    .action((id: string, options: Omit<WatchOptions, 'id'>) =>
      runBody(() => import('./watch-run.ts'))({ ...options, id }),
    );
