import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { asAdmin } from './postgres.ts';

/** The machine of the figures; without it they cannot be interpreted. */
export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly postgresSettings: Readonly<Record<string, string>>;
  readonly sharesCores: true;
}

const SETTINGS = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'shared_buffers',
  'max_wal_size',
  'wal_sync_method',
];

export async function describeMachine(databaseUrl: string, load: string, redis: string | undefined): Promise<Machine> {
  const settings = await asAdmin(databaseUrl, (client) =>
    client.query<{ name: string; setting: string }>(
      `select name, current_setting(name) as setting from pg_settings where name = any($1)
       union all select 'server_version', current_setting('server_version')`,
      [SETTINGS],
    ),
  );
  const byName = Object.fromEntries(settings.rows.map(({ name, setting }) => [name, setting]));
  const { server_version: postgres = 'unknown', ...postgresSettings } = byName;
  const [cpu] = cpus();
  return {
    cores: cpus().length,
    model: cpu?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    versions: {
      node: process.version.slice(1),
      postgres: postgres.split(' ')[0] ?? postgres,
      pg: packageVersion('pg'),
      fastify: packageVersion('fastify'),
      redis: redis ?? 'not installed',
      load,
    },
    postgresSettings,
    sharesCores: true,
  };
}

function packageVersion(name: string): string {
  const file = join(import.meta.dirname, '../../node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
