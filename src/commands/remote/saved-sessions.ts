import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { writeSecretFile } from '../../app/local/write-secret-file.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

const Session = z.object({
  email: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
  /** The access token is exchanged from here on, in milliseconds since 1970. */
  renewAtMs: z.number(),
});
const Sessions = z.object({
  /** The origin of the server that commands call when they name none. */
  current: z.string().nullable(),
  /** By the origin of the server. */
  servers: z.record(z.string(), Session),
});
export type SavedSession = z.output<typeof Session>;
type SavedSessions = z.output<typeof Sessions>;

const DIRECTORY_MODE = 0o700;
const NONE: SavedSessions = { current: null, servers: {} };

/** The sessions of `stampede login`, in a file that only this user can read. */
export interface SessionFile {
  readonly path: string;
  current(): string | undefined;
  find(origin: string): SavedSession | undefined;
  /** Also makes its server the current one. */
  save(origin: string, session: SavedSession): void;
  /** The same, of a session that was renewed. The current server stays. */
  replace(origin: string, session: SavedSession): void;
  remove(origin: string): void;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a user's configuration is by the custom of the system: XDG_CONFIG_HOME, else ~/.config; on Windows APPDATA. */
export function configurationDirectory(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const { APPDATA, XDG_CONFIG_HOME } = env;
  const base = platform === 'win32' ? APPDATA : XDG_CONFIG_HOME;
  return join(base || join(homedir(), '.config'), 'stampede');
}

/** The file need not exist. Its methods throw StartError when it cannot be read. */
export function sessionFile(env: Environment): SessionFile {
  const directory = configurationDirectory(env);
  const path = join(directory, 'sessions.json');

  function read(): SavedSessions {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NONE;
      throw error;
    }
    try {
      return Sessions.parse(JSON.parse(text));
    } catch (error) {
      throw new StartError(`${path} is damaged. Delete it and log in again.`, { cause: error });
    }
  }

  function write(change: (sessions: SavedSessions) => SavedSessions): void {
    const changed = change(read());
    mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
    writeSecretFile(path, `${JSON.stringify(changed, undefined, 2)}\n`);
  }

  return {
    path,
    current: () => read().current ?? undefined,
    find: (origin) => read().servers[origin],
    save: (origin, session) =>
      write(({ servers }) => ({ current: origin, servers: { ...servers, [origin]: session } })),
    replace: (origin, session) =>
      write(({ current, servers }) => ({ current, servers: { ...servers, [origin]: session } })),
    remove: (origin) =>
      write(({ current, servers: { [origin]: _, ...servers } }) => ({
        current: current === origin ? null : current,
        servers,
      })),
  };
}
