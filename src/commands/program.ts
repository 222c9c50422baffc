import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { defineAudit } from './audit.ts';
import { defineBackup } from './backup.ts';
import { defineCodes } from './codes.ts';
import { defineCompletion } from './completion.ts';
import { defineDirectIssue } from './direct-issue.ts';
import { defineDlq } from './dlq.ts';
import { defineDoctor } from './doctor.ts';
import { defineEvents } from './events.ts';
import { EXIT } from './exit-codes.ts';
import { defineGatewayKey } from './gateway-key.ts';
import { defineJobs } from './jobs.ts';
import { defineKafka } from './kafka.ts';
import { defineLogin } from './login.ts';
import { defineLogout } from './logout.ts';
import { defineMcp } from './mcp.ts';
import { defineMigrate } from './migrate.ts';
import { defineMove } from './move.ts';
import { definePlan } from './plan.ts';
import { defineResource } from './resources/define-resource.ts';
import { RESOURCES } from './resources/resources.ts';
import { defineRestore } from './restore.ts';
import { defineRush } from './rush.ts';
import { defineSeed } from './seed.ts';
import { defineServe } from './serve.ts';
import { defineShard } from './shard.ts';

type Define = (program: Command) => unknown;

/** Commands that need the same. The help lists them together. */
interface CommandGroup {
  readonly heading: string;
  /** Ends the help of each of its commands. */
  readonly note: string;
  readonly commands: readonly Define[];
}

const GROUPS: readonly CommandGroup[] = [
  {
    heading: 'Commands that need the database (the data directory, or DATABASE_URL):',
    note: 'It works with the database: run it on a machine that has the data directory, or with the variables of the servers.',
    commands: [
      defineServe,
      defineMigrate,
      defineMove,
      defineShard,
      defineSeed,
      defineRush,
      defineAudit,
      defineDoctor,
      defineBackup,
      defineRestore,
      defineEvents,
      defineDlq,
    ],
  },
  {
    heading: 'Commands that call a running server (--url, login, or the one that runs here):',
    note: 'It calls a running server, and needs neither its database nor its keys: that of --url or STAMPEDE_URL, else that of login, else the one that runs here.',
    commands: [
      defineLogin,
      defineLogout,
      ...RESOURCES.map(
        (resource): Define =>
          (program) =>
            defineResource(program, resource),
      ),
      defineDirectIssue,
      defineCodes,
      defineJobs,
      defineMcp,
    ],
  },
  {
    heading: 'Commands that need nothing that runs:',
    note: 'It needs nothing that runs.',
    commands: [defineGatewayKey, defineKafka, definePlan, defineCompletion],
  },
];

/** The command line: every command with its options. A command's body is imported when it runs, so that --help does not wait for the whole program. */
export function createProgram(): Command {
  const program = new Command('stampede')
    .description('Promotion platform: first-come coupons with an exact count')
    .version(manifest.version)
    .showHelpAfterError('(stampede --help lists what there is)')
    // Commander ends with 1 for a command line that it does not understand. Commands inherit this, so it stands before them.
    .exitOverride(({ exitCode }) => process.exit(exitCode === EXIT.DONE ? EXIT.DONE : EXIT.USAGE));
  for (const { heading, note, commands } of GROUPS) {
    program.commandsGroup(heading);
    const before = program.commands.length;
    for (const define of commands) define(program);
    for (const command of program.commands.slice(before)) command.addHelpText('afterAll', `\n${note}`);
  }
  return program;
}
