import type { Settings } from '../config.ts';
import { SHARDED, type ShardSettings } from '../shard-variables.ts';
import { readPidFile } from './pid-file.ts';

/** The shards for a command: those of `npm run cluster` on the data directory, or of the environment where that names databases. */
export function shardsHere({ shards, dataDir, databaseUrl, services }: Settings): ShardSettings {
  if (databaseUrl !== undefined || Object.keys(services.databaseUrls).length > 0) return shards;
  const running = readPidFile(dataDir)?.shardDatabases;
  if (running === undefined) return shards;
  const contexts = SHARDED.map((name) => {
    const count = running[name].length + 1;
    return [name, { eras: [{ sinceMs: 0, shards: count }], shards: count, addresses: [], databaseUrls: running[name] }];
  });
  return { own: undefined, of: Object.fromEntries(contexts) };
}
