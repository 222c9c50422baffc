import { readSettings } from '../../app/config.ts';
import { type Databases, databasesIn, oneDatabase } from '../../app/databases.ts';
import { kafkaHere } from '../../app/local/kafka-here.ts';
import { readPidFile } from '../../app/local/pid-file.ts';
import { loadSecrets } from '../../app/local/secrets.ts';
import { shardsServed } from '../../app/local/shards-here.ts';
import type { ShardSettings } from '../../app/variables/shard-variables.ts';
import type { KafkaSettings } from '../../platform/events/kafka/settings.ts';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { StartError, UsageError } from '../../platform/kernel/start-error.ts';

/** A running Stampede, and what a rush needs to take part in it and to check it afterwards. */
export interface RunningSystem {
  readonly url: URL;
  /** Of shard 0 where a context has several. */
  readonly databases: Databases;
  readonly shards: ShardSettings;
  readonly kafka: KafkaSettings | undefined;
  readonly jwtSecrets: readonly string[];
}

const READY_WAIT_MS = 3_000;
const NO_SHARDS: ShardSettings = { own: undefined, of: {} };

/** No server runs with the data directory of this machine. */
export class NothingRunsHere extends StartError {
  constructor() {
    super(`Nothing runs here. Start it in another terminal first: ${commandLine('serve')}`);
  }
}

/**
 * The system at `url` (with JWT_SECRET and the URLs of its databases in the environment), else the one that serves the data directory.
 * @throws StartError when there is none, or it is not ready: one line with what to do.
 */
export async function findSystem(url: string | undefined, env: NodeJS.ProcessEnv): Promise<RunningSystem> {
  const system = url === undefined ? servedHere(env) : named(url, env);
  if (system.url.protocol !== 'http:') throw new StartError(`${url} is not http. Give the address of the node itself.`);
  const ready = await fetch(new URL('/readyz', system.url), { signal: AbortSignal.timeout(READY_WAIT_MS) }).catch(
    (error: unknown) => {
      throw new StartError(`No server responds at ${system.url.origin}. Start it first: ${commandLine('serve')}`, {
        cause: error,
      });
    },
  );
  if (ready.ok) return system;
  throw new StartError(`${system.url.origin} is not ready (HTTP ${ready.status}). Try again in a moment.`);
}

function servedHere(env: NodeJS.ProcessEnv): RunningSystem {
  const { dataDir } = readSettings(env);
  const running = readPidFile(dataDir);
  if (running === undefined) throw new NothingRunsHere();
  // The server has put the key that it uses there, also one that came from its environment.
  const { jwtSecrets } = loadSecrets(dataDir, []);
  const databases = running.databases ?? oneDatabase(running.databaseUrl);
  const shards = shardsServed(dataDir) ?? NO_SHARDS;
  return { url: new URL(running.url), databases, shards, kafka: kafkaHere(env), jwtSecrets };
}

function named(url: string, env: NodeJS.ProcessEnv): RunningSystem {
  const settings = readSettings(env);
  const { jwtSecrets } = settings;
  const databases = databasesIn(settings);
  if (!URL.canParse(url)) throw new UsageError(`--url ${url} is no address. Give one such as http://127.0.0.1:4000`);
  if (jwtSecrets.length === 0 || databases === undefined) {
    throw new StartError(
      'With --url, set JWT_SECRET and DATABASE_URL, or COUPON_DATABASE_URL and so on, to those of that system.',
    );
  }
  return { url: new URL(url), databases, shards: settings.shards, kafka: settings.kafka, jwtSecrets };
}
