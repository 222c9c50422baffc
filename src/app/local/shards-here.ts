import type { Settings } from '../config.ts';
import { SHARDED, type ShardSettings } from '../variables/shard-variables.ts';
import { readPidFile } from './pid-file.ts';

/** The shards for a command: those of `npm run cluster` on the data directory, or of the environment where that names databases. */
export function shardsHere({ shards, dataDir, databaseUrl, services }: Settings): ShardSettings {
  if (databaseUrl !== undefined || Object.keys(services.databaseUrls).length > 0) return shards;
  return shardsServed(dataDir) ?? shards;
}

/** The shards of what serves the data directory. Undefined: it has none. */
export function shardsServed(dataDir: string): ShardSettings | undefined {
  const running = readPidFile(dataDir)?.shardDatabases;
  if (running === undefined) return undefined;
  const contexts = SHARDED.map((name) => {
    const count = running[name].length + 1;
    return [name, { eras: [{ sinceMs: 0, shards: count }], shards: count, addresses: [], databaseUrls: running[name] }];
  });
  return { own: undefined, of: Object.fromEntries(contexts) };
}
