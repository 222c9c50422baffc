import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

/** Thrown when there is no Python here. The message says what to install. */
export class NoPython extends Error {}

/** Installs the fuzzer once, in a virtual environment of its own. Returns the path of its command. Thrown: NoPython. */
export async function installSchemathesis(): Promise<string> {
  const name = readFileSync(REQUIREMENTS, 'utf8').trim().replace('==', '-');
  const caches = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'stampede');
  const environment = join(caches, name);
  const command = join(environment, 'bin/schemathesis');
  if (existsSync(command)) return command;
  await run('python3', ['-c', 'import ensurepip, venv']).catch(() => {
    throw new NoPython('it needs Python 3.10 or later with venv (Debian: apt-get install python3-venv)');
  });
  await mkdir(caches, { recursive: true });
  await rm(environment, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', environment]);
  await run(join(environment, 'bin/pip'), ['install', '--quiet', '--requirement', REQUIREMENTS]);
  return command;
}
