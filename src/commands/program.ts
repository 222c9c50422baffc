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

const COMMANDS: readonly ((program: Command) => unknown)[] = [
  defineServe,
  defineMigrate,
  defineMove,
  defineShard,
  defineGatewayKey,
  defineSeed,
  defineRush,
  defineAudit,
  defineDoctor,
  defineBackup,
  defineRestore,
  defineLogin,
  defineLogout,
  ...RESOURCES.map((resource) => (program: Command) => defineResource(program, resource)),
  defineDirectIssue,
  defineCodes,
  defineJobs,
  defineEvents,
  defineDlq,
  defineKafka,
  defineMcp,
  definePlan,
  defineCompletion,
];

/** The command line: every command with its options. A command's body is imported when it runs, so that --help does not wait for the whole program. */
export function createProgram(): Command {
  const program = new Command('stampede')
    .description('Promotion platform: first-come coupons with an exact count')
    .version(manifest.version)
    .showHelpAfterError('(stampede --help lists what there is)')
    // Commander ends with 1 for a command line that it does not understand. Commands inherit this, so it stands before them.
    .exitOverride(({ exitCode }) => process.exit(exitCode === EXIT.DONE ? EXIT.DONE : EXIT.USAGE));
  for (const define of COMMANDS) define(program);
  return program;
}
