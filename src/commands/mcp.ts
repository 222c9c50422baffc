import { type Command, InvalidArgumentError, Option } from 'commander';
import { apiKeyOption, serverOption } from './options.ts';
import { runBody } from './run-body.ts';

const PORT_MAX = 65_535;

/** Reads a port from the command line. 0 is a free one. */
function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= PORT_MAX) return Number(text);
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${PORT_MAX}.`);
}

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
      ).argParser(port),
    )
    .option('--host <address>', 'where HTTP listens', '127.0.0.1')
    .action(runBody(() => import('./mcp/mcp-run.ts')));
