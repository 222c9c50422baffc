import type { Command } from 'commander';
import { defineWatch } from './jobs/watch.ts';

export function defineJobs(program: Command): void {
  const jobs = program.command('jobs').description('work on many rows that runs in the background');
  defineWatch(jobs);
}
