import { Argument, type Command } from 'commander';
import { SHELLS, type Shell } from './completion/shells.ts';
import { runBody } from './run-body.ts';

export const defineCompletion = (program: Command): Command =>
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'which').choices(SHELLS))
    .action((shell: Shell) => runBody(() => import('./completion/completion-run.ts'))({ shell, program }));
