import { type Command, Option } from 'commander';
import { apiKeyOption, serverOption, wholeNumber } from './options.ts';
import { runBody } from './run-body.ts';

const PORT_MAX = 65_535;

export const defineMcp = (program: Command): Command =>
  program
    .command('mcp')
    .description(
      'offer a running server to an assistant as tools (Model Context Protocol); without --allow-writes they only read',
    )
    .addOption(serverOption())
    .addOption(apiKeyOption())
    .option('--allow-writes', 'offer tools that change something, too', false)
    .addOption(
      new Option(
        '--http <port>',
        'serve HTTP on this port instead of the standard input; each request brings its own key',
      ).argParser(wholeNumber(PORT_MAX)),
    )
    .option('--host <address>', 'where HTTP listens', '127.0.0.1')
    .action(runBody(() => import('./mcp/mcp-run.ts')));
