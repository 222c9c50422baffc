import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { defineAudit } from './commands/audit.ts';
import { defineCodes } from './commands/codes.ts';
import { defineDirectIssue } from './commands/direct-issue.ts';
import { defineDlq } from './commands/dlq.ts';
import { defineDoctor } from './commands/doctor.ts';
import { defineEvents } from './commands/events.ts';
import { defineGatewayKey } from './commands/gateway-key.ts';
import { defineJobs } from './commands/jobs.ts';
import { defineKafka } from './commands/kafka.ts';
import { defineMigrate } from './commands/migrate.ts';
import { defineMove } from './commands/move.ts';
import { definePlan } from './commands/plan.ts';
import { defineRush } from './commands/rush.ts';
import { defineSeed } from './commands/seed.ts';
import { defineServe } from './commands/serve.ts';
import { defineShard } from './commands/shard.ts';
import { StartError } from './platform/kernel/start-error.ts';

// Each command's body is imported when it runs, so that --help does not wait for the whole program.
const program = new Command('stampede')
  .description('Promotion platform: first-come coupons with an exact count')
  .version(manifest.version)
  .showHelpAfterError('(stampede --help lists what there is)');
const commands = [
  defineServe,
  defineMigrate,
  defineMove,
  defineShard,
  defineGatewayKey,
  defineSeed,
  defineRush,
  defineAudit,
  defineDoctor,
  defineDirectIssue,
  defineCodes,
  defineJobs,
  defineEvents,
  defineDlq,
  defineKafka,
  definePlan,
];
for (const define of commands) define(program);

/** Imported late, as the bodies of the commands. */
async function refused(error: unknown): Promise<StartError | undefined> {
  const { refusedCommand } = await import('./platform/postgres/refused-command.ts');
  return refusedCommand(error);
}

try {
  await program.parseAsync();
} catch (error) {
  const problem = error instanceof StartError ? error : await refused(error);
  if (problem === undefined) throw error;
  for (const line of problem.message.split('\n')) process.stderr.write(`stampede: ${line}\n`);
  process.exitCode = 1;
}
// A pool or timer that someone forgot must not keep a finished command alive.
process.exit();
