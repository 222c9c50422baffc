import type { Command } from 'commander';
import { idOption } from './id-option.ts';
import { runBody } from './run-body.ts';

export const defineJobs = (program: Command): Command => {
  const jobs = program.command('jobs').description('work on many rows that runs in the background');
  jobs
    .command('watch')
    .description('show how far a job is until it ends; exit 1 when it fails')
    .argument('<id>', 'the job', idOption)
    .option('--url <url>', 'a server elsewhere; set JWT_SECRET and DATABASE_URL to its own')
    .action((id: string, options: { readonly url?: string }) =>
      runBody(() => import('./jobs/watch-run.ts'))({ ...options, id }),
    );
  return jobs;
};
