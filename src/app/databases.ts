import { StartError } from '../platform/kernel/start-error.ts';
import type { Settings } from './config.ts';
import { PARTS, type Part } from './parts.ts';
import { databaseVariable } from './variables/service-variables.ts';
import { SHARDED, type ShardedName, type ShardSettings, shardDatabasesVariable } from './variables/shard-variables.ts';

/** The URL of the database of each part. They may all be the same. */
export type Databases = Readonly<Record<Part, string>>;

export const oneDatabase = (url: string): Databases =>
  Object.fromEntries(PARTS.map((part) => [part, url])) as Record<Part, string>;

/**
 * The databases that COUPON_DATABASE_URL and so on name, else DATABASE_URL.
 * @returns undefined when a part has neither
 */
export function databasesIn({
  services,
  databaseUrl,
}: Pick<Settings, 'services' | 'databaseUrl'>): Databases | undefined {
  const found = PARTS.map((part) => [part, services.databaseUrls[part] ?? databaseUrl] as const);
  return found.some(([, url]) => url === undefined) ? undefined : (Object.fromEntries(found) as Record<Part, string>);
}

/**
 * As `databasesIn`, for a command that needs all of them.
 * @throws StartError when a part has none
 */
export function everyDatabaseIn(settings: Pick<Settings, 'services' | 'databaseUrl'>): Databases {
  const databases = databasesIn(settings);
  if (databases !== undefined) return databases;
  const missing = PARTS.filter((part) => settings.services.databaseUrls[part] === undefined);
  throw new StartError(
    `Some parts have no database. Set DATABASE_URL, or ${missing.map(databaseVariable).join(', ')}.`,
  );
}

/** Each different database, with its parts. */
export const partsByDatabase = (databases: Databases): ReadonlyMap<string, readonly Part[]> =>
  Map.groupBy(PARTS, (part) => databases[part]);

/** What has the rows of a system, for a command that reads them. */
export interface StoredData {
  /** Of shard 0 where a context has several. */
  readonly databases: Databases;
  readonly shards: ShardSettings;
}

/**
 * The databases of all shards of a context.
 * @throws StartError when some are not known
 */
export const databasesOfShards = ({ databases, shards }: StoredData, name: ShardedName): readonly string[] => [
  databases[name],
  ...shardDatabasesIn({ ...shards, of: { [name]: shards.of[name] } }).map(([url]) => url),
];

/**
 * The databases of the shards after the first one, with what they have.
 * @throws StartError when a context has shards whose databases are not known
 */
export const shardDatabasesIn = ({ of }: ShardSettings): readonly (readonly [url: string, parts: readonly Part[]])[] =>
  SHARDED.flatMap((name) => {
    const context = of[name];
    if (context !== undefined && context.databaseUrls.length === 0) {
      throw new StartError(
        `${name} has ${context.shards} shards. Set ${shardDatabasesVariable(name)} to the databases of those after shard 0.`,
      );
    }
    return (context?.databaseUrls ?? []).map((url) => [url, [name]] as const);
  });
