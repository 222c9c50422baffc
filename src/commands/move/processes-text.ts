import type { Settings } from '../../app/config.ts';
import { type Databases, partsByDatabase } from '../../app/databases.ts';
import type { ContextName } from '../../app/parts.ts';
import { settingsFor } from '../../app/target-settings.ts';
import { readTarget } from '../../app/targets.ts';
import { databaseVariable } from '../../app/variables/service-variables.ts';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

/**
 * What to start once `context` has moved: a command for the parts of each database, because a process has one. Below it is what its variables
 * lack yet.
 * @param databases those of the parts after the move
 */
export function processesText(context: ContextName, databases: Databases, settings: Settings): string {
  const variable = databaseVariable(context);
  const owner = settings.migrationDatabaseUrl === undefined ? '' : 'MIGRATION_DATABASE_URL=(its owner) ';
  const processes = [...partsByDatabase(databases)].flatMap(([databaseUrl, parts]) => {
    const target = parts.join(',');
    const set = parts.includes(context) ? `${variable}=(the other database) ${owner}` : '';
    const services = { ...settings.services, databaseUrls: {} };
    const missing = problemsOf(target, { ...settings, services, databaseUrl });
    return [`  ${set}${commandLine(`serve --target ${target}`)}`, ...missing.map((problem) => `    ${problem}`)];
  });
  return [
    `After the move ${context} works in the other database only. Set ${variable} to it, also for stampede audit.`,
    'No process hosts every part then. Start the parts of each database, together or in several processes:',
    ...processes,
    '',
  ].join('\n');
}

function problemsOf(target: string, settings: Settings): readonly string[] {
  try {
    settingsFor(readTarget(target), settings);
    return [];
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return error.message.split('\n');
  }
}
