import { type Command, Option } from 'commander';
import { CONTEXT_NAMES } from '../app/parts.ts';
import { databaseUrlOption, wholeNumber } from './options.ts';
import { runBody } from './run-body.ts';

export const defineMove = (program: Command): Command =>
  program
    .command('move')
    .description('move the data of a context, whose processes have stopped, to another database; then audit')
    .addOption(new Option('--context <name>', 'which').choices([...CONTEXT_NAMES]).makeOptionMandatory())
    .requiredOption('--to <url>', 'the other database, with the login that owns its schemas', databaseUrlOption)
    .option('--login <role>', 'the role of the program there, when it is another one')
    .option('--dry-run', 'only say what would move', false)
    .option('--settle <seconds>', 'between the two looks of the audit at a difference', wholeNumber(3_600), 60)
    .action(runBody(() => import('./move/move-run.ts')));
