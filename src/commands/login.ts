import type { Command } from 'commander';
import { serverOption } from './options.ts';
import { runBody } from './run-body.ts';

export const defineLogin = (program: Command): Command =>
  program
    .command('login')
    .description(
      'log in at a server with the password of an account there, which commands then call; the session is kept in a file that only you can read',
    )
    .addOption(serverOption())
    .option('--email <address>', 'of your account; prompted for when it is left out')
    .option('--password-stdin', 'read the password from the standard input instead of the terminal', false)
    .action(runBody(() => import('./login/login-run.ts')));
