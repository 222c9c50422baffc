import { Argument, type Command } from 'commander';
import { runBody } from './run-body.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const defineCompletion = (program: Command): Command =>
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'which').choices(SHELLS))
    .action((shell: Shell) => runBody(() => import('./completion/completion-run.ts'))({ shell, program }));
