import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { birthOf } from '../../platform/processes.ts';
import { PARTS, type Part } from '../parts.ts';
import { SHARDED } from '../variables/shard-variables.ts';
import { writeSecretFile } from './write-secret-file.ts';

const RUNNING = z.object({
  pid: z.number(),
  birth: z.string(),
  /** Base URL of the server, without a trailing slash. */
  url: z.string(),
  /** Reachable from other processes of this machine. Holds the password. */
  databaseUrl: z.string(),
  /** Present where contexts have databases of their own: that of each part. */
  databases: z.record(z.enum(PARTS as [Part, ...Part[]]), z.string()).optional(),
  /** Present where coupon and point have several shards: the databases of those after shard 0. */
  shardDatabases: z.record(z.enum(SHARDED), z.array(z.string())).optional(),
  /** Present where events go to Kafka, as KAFKA_BROKERS and KAFKA_TOPIC_PREFIX have it. */
  kafka: z.object({ brokers: z.string(), topicPrefix: z.string().optional() }).optional(),
  /** The owner's URL, for `stampede migrate`, and the login of the program. */
  migrations: z.object({ url: z.string(), login: z.string().optional() }).optional(),
  /** RFC 3339. */
  started: z.string(),
});
/** What serves a data directory at present: `<dataDir>/run.json`, for commands in a second terminal. */
export type Running = z.infer<typeof RUNNING>;

export const pidFileOf = (dataDir: string): string => join(dataDir, 'run.json');

export function writePidFile(dataDir: string, running: Omit<Running, 'birth'>): void {
  writeSecretFile(pidFileOf(dataDir), JSON.stringify({ ...running, birth: birthOf(running.pid) ?? '' }, undefined, 2));
}

export const removePidFile = (dataDir: string): void => rmSync(pidFileOf(dataDir), { force: true });

/** Undefined when nothing serves it now; a file that a killed server left counts for nothing. */
export function readPidFile(dataDir: string): Running | undefined {
  try {
    const running = RUNNING.parse(JSON.parse(readFileSync(pidFileOf(dataDir), 'utf8')));
    return birthOf(running.pid) === running.birth ? running : undefined;
  } catch {
    return undefined;
  }
}
