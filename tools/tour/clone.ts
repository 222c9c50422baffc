import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** As in the terminal of a user who has just cloned: nothing of this run's npm, its node_modules or its settings. */
export const newcomersEnv = (port: number): Readonly<Record<string, string>> => ({
  HOME: process.env['HOME'] ?? '',
  PATH: (process.env['PATH'] ?? '')
    .split(':')
    .filter((entry) => !entry.includes('node_modules'))
    .join(':'),
  PORT: String(port),
});

/** Clones what is committed here into `directory`. */
export const cloneInto = (directory: string): Buffer =>
  execFileSync('git', ['clone', '--quiet', process.cwd(), directory], { env: newcomersEnv(0), stdio: 'pipe' });

/** npm ci, with the packages of npm's cache where it has them. */
export const installIn = (directory: string): Buffer =>
  execFileSync('npm', ['ci', '--prefer-offline'], { cwd: directory, env: newcomersEnv(0), stdio: 'pipe' });

export interface StartedClone {
  readonly url: string;
  /** What npm start printed so far, both streams. */
  output(): string;
  /** Ctrl-C: SIGINT to all of its process group. Waits for the end. Does nothing the second time. */
  stop(): Promise<void>;
}

/** npm start in a clone, once it serves. `port`: 0 takes a free one. Throws when it ends before. */
export async function startIn(directory: string, port: number): Promise<StartedClone> {
  const options = { cwd: directory, env: newcomersEnv(port), detached: true } as const;
  const start = spawn('npm', ['start'], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(start, 'exit');
  let output = '';
  for (const stream of [start.stdout, start.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  while (!output.includes('Ctrl-C stops.') && start.exitCode === null) await sleep(20);
  if (start.exitCode !== null) throw new Error(`npm start ended with ${start.exitCode}:\n${output}`);
  const { url } = JSON.parse(readFileSync(join(directory, '.stampede/run.json'), 'utf8')) as { url: string };
  return {
    url,
    output: () => output,
    async stop() {
      const isRunning = start.exitCode === null && start.signalCode === null;
      if (isRunning && start.pid !== undefined) process.kill(-start.pid, 'SIGINT');
      await exited;
    },
  };
}
