import { execFile, execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = import.meta.dirname;

/** One load: the requests, the connections and the duration. */
export interface Load {
  readonly url: string;
  readonly policyIds: readonly string[];
  /** Path of the token file. */
  readonly tokens: string;
  /** Reuse the tokens from the start when the file is used up. */
  readonly repeats: boolean;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Responses with a status of 400 or above. */
  readonly refused: number;
  /** Connections that broke, requests that timed out. */
  readonly broken: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface LoadGenerator {
  /** Name and version. */
  readonly name: string;
  /** Throws when tokens ran out that must not repeat: then the figures would count refusals. */
  send(load: Load): Promise<LoadResult>;
}

/** wrk when it is installed, else autocannon, which takes about three times the CPU. */
export function loadGenerator(workDir: string): LoadGenerator {
  const wrk = wrkVersion();
  const generator = wrk === undefined ? 'autocannon 9.0.0' : `wrk ${wrk}`;
  return {
    name: generator,
    async send(load) {
      const policies = join(workDir, 'policies.txt');
      await writeFile(policies, `${load.policyIds.join('\n')}\n`);
      const command = wrk === undefined ? autocannonCommand(load, policies) : wrkCommand(load, policies);
      const { stdout, stderr } = await run(command[0], command.slice(1), { maxBuffer: 1 << 20 });
      const line = stdout.split('\n').find((text) => text.startsWith('RESULT '));
      if (line === undefined) throw new Error(`${command.join(' ')}: no result\n${stdout}${stderr}`);
      const raw = JSON.parse(line.slice('RESULT '.length)) as Record<string, number>;
      const value = (name: string): number => raw[name] ?? Number.NaN;
      if (value('wrapped') === 1 && !load.repeats) throw new Error('tokens used up: raise --tokens-per-second');
      return {
        requests: value('requests'),
        seconds: value('durationUs') / 1e6,
        refused: value('refused'),
        broken: value('broken'),
        p50Ms: value('p50Us') / 1000,
        p95Ms: value('p95Us') / 1000,
        p99Ms: value('p99Us') / 1000,
      };
    },
  };
}

type Command = readonly [string, ...string[]];

function wrkCommand({ url, tokens, connections, seconds }: Load, policies: string): Command {
  // One thread: a second one would only take its core from the server.
  const shape = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency'];
  return ['wrk', ...shape, '-s', join(here, 'load.lua'), url, '--', tokens, policies];
}

const autocannonCommand = ({ url, tokens, connections, seconds }: Load, policies: string): Command => [
  process.execPath,
  join(here, 'load-autocannon.ts'),
  ...[url, `${tokens}.1`, policies, String(connections), String(seconds)],
];

function wrkVersion(): string | undefined {
  try {
    execFileSync('wrk', ['-v'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return undefined;
  } catch (error) {
    // wrk -v prints its version and exits 1.
    const { code, stdout } = error as { code?: string; stdout?: string };
    return code === 'ENOENT' ? undefined : (/wrk \S*?(\d[\d.]*)/.exec(stdout ?? '')?.[1] ?? 'of unknown version');
  }
}
