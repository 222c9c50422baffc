import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cached-program.ts';

const run = promisify(execFile);
const HASH_CHARS = 12;

/** Thrown when there is no Python here. The message says what to install. */
export class NoPython extends Error {}

/**
 * Installs what a requirements.txt names once, in a virtual environment of its own in the user's cache. Returns the folder of its programs.
 * @param name of the folder, before a hash of the requirements
 * @throws NoPython
 */
export async function pythonEnvironment(name: string, requirements: string): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, HASH_CHARS);
  const environment = join(cacheFolder(), `${name}-${hash}`);
  const programs = join(environment, 'bin');
  // Written last.
  const finished = join(environment, 'finished');
  if (existsSync(finished)) return programs;
  await run('python3', ['-c', 'import ensurepip, venv']).catch(() => {
    throw new NoPython('it needs Python 3.10 or later with venv (Debian: apt-get install python3-venv)');
  });
  await mkdir(cacheFolder(), { recursive: true });
  await rm(environment, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', environment]);
  await run(join(programs, 'pip'), ['install', '--quiet', '--requirement', requirements]);
  await writeFile(finished, '');
  return programs;
}
