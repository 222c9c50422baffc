import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { compose } from '../../app/compose.ts';
import { readSettings } from '../../app/config.ts';
import { readPidFile } from '../../app/local/pid-file.ts';
import { withExistingDatabase } from '../../app/local/with-database.ts';
import { seed } from '../../app/seed/seed.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { seedText } from './seed-text.ts';

/** `stampede seed`. @throws StartError on a production system, and where there is no database */
export async function run(): Promise<number> {
  const settings = readSettings(process.env);
  if (settings.production) {
    throw new StartError('seed adds demo data, and NODE_ENV=production. Leave NODE_ENV out on a system to play with.');
  }
  const result = await withExistingDatabase(settings, async (databaseUrl) => {
    // This process issues no tokens, so its key need not be the server's.
    const jwtSecrets = [randomBytes(32).toString('base64url')];
    // Without mail, so that the demo owner needs no mailbox.
    const config = { ...settings, databaseUrl, jwtSecrets, mail: undefined };
    const system = await compose(config, { log: pino({ level: 'error' }), comparesProcesses: false });
    try {
      return await seed(system.contexts.apis, Date.now());
    } finally {
      await system.stop();
    }
  });
  const url = readPidFile(settings.dataDir)?.url ?? `http://${settings.host}:${settings.port}`;
  process.stdout.write(seedText(result, url));
  return 0;
}
