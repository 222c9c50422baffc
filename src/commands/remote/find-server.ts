import { type CommandSettings, isServerUrl, readCommandSettings } from '../../app/variables/command-variables.ts';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { rotatedSecrets } from '../../platform/kernel/rotated-secrets.ts';
import { StartError, UsageError } from '../../platform/kernel/start-error.ts';
import type { SessionFile } from './saved-sessions.ts';

/** The options of every command that calls a running server. */
export interface ServerOptions {
  readonly url?: string | undefined;
  readonly apiKey?: string | undefined;
}

/** With what a command authenticates. */
export type Credential =
  | { readonly kind: 'API_KEY'; readonly apiKey: string }
  /** An access token, of this system or of another issuer. */
  | { readonly kind: 'TOKEN'; readonly accessToken: string }
  /** That of `stampede login`. */
  | { readonly kind: 'SESSION' }
  /** Tokens of an administrator, which this machine signs: it has the server's key. */
  | { readonly kind: 'SIGNED'; readonly jwtSecrets: readonly string[] };

export interface Server {
  /** Without a path. */
  readonly url: URL;
  readonly credential: Credential;
}

type Environment = NodeJS.ProcessEnv;

/**
 * Chooses the server and the credential: the options, then STAMPEDE_URL and STAMPEDE_API_KEY or STAMPEDE_ACCESS_TOKEN, then the session of `stampede login`, then the server of the data directory of
 * this machine.
 * @throws StartError when there is none of them, or no credential for that server; UsageError when the address is none
 */
export async function findServer(options: ServerOptions, env: Environment, sessions: SessionFile): Promise<Server> {
  const settings = chosen(options, readCommandSettings(env));
  const given = givenCredential(settings);
  const named = settings.url ?? (given === undefined ? sessions.current() : undefined);
  if (named === undefined) return await servedHere(env, given);
  const url = new URL(new URL(named).origin);
  if (given !== undefined) return { url, credential: given };
  if (sessions.find(url.origin) !== undefined) return { url, credential: { kind: 'SESSION' } };
  const jwtSecret = env['JWT_SECRET'] || undefined;
  if (jwtSecret !== undefined) return { url, credential: { kind: 'SIGNED', jwtSecrets: rotatedSecrets(jwtSecret) } };
  throw new StartError(
    `There is no credential for ${url.origin}. Log in (${commandLine(`login --url ${url.origin}`)}), or give --api-key, STAMPEDE_API_KEY or STAMPEDE_ACCESS_TOKEN.`,
  );
}

function givenCredential({ apiKey, accessToken }: CommandSettings): Credential | undefined {
  if (apiKey !== undefined) return { kind: 'API_KEY', apiKey };
  return accessToken === undefined ? undefined : { kind: 'TOKEN', accessToken };
}

/** The same without a credential. */
export async function findServerUrl(options: ServerOptions, env: Environment, sessions: SessionFile): Promise<URL> {
  const named = chosen(options, readCommandSettings(env)).url ?? sessions.current();
  return named === undefined ? (await servedHere(env, undefined)).url : new URL(new URL(named).origin);
}

/** An option stands before its variable. */
function chosen(options: ServerOptions, settings: CommandSettings): CommandSettings {
  const { url = settings.url, apiKey = settings.apiKey } = options;
  if (url !== undefined && !isServerUrl(url)) {
    throw new UsageError(`--url ${url} is no address of a server. Give one such as https://coupons.example.com`);
  }
  return { ...settings, url, apiKey };
}

/** Imported late: it reads the settings of a server, and most commands call one that is elsewhere. */
async function servedHere(env: Environment, given: Credential | undefined): Promise<Server> {
  const { findSystem, NothingRunsHere } = await import('../rush/find-system.ts');
  const { url, jwtSecrets } = await findSystem(undefined, env).catch((error: unknown) => {
    if (!(error instanceof NothingRunsHere)) throw error;
    throw new StartError(
      `${error.message}\nFor a server elsewhere: ${commandLine('login --url https://coupons.example.com')}, or give --url and --api-key.`,
      { cause: error },
    );
  });
  return { url, credential: given ?? { kind: 'SIGNED', jwtSecrets } };
}
