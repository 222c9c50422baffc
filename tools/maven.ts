import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { canRunProgram } from './cached-program.ts';

const run = promisify(execFile);
/** Contains the hash of the pom of a folder of jars, so that a changed pom replaces them. */
const MARKER = 'pom.sha256';
const MAVEN_MS = 5 * 60_000;

/** Jars from Maven Central. */
export interface Jars {
  /** Of these, in messages. */
  readonly name: string;
  /** The file that names them. */
  readonly pom: string;
  /** The folder that they are copied into. */
  readonly folder: string;
}

/** Are Java and Maven, or Java and these jars, on this machine? */
export async function canRun(jars: Jars): Promise<boolean> {
  if (!(await canRunProgram('java', '-version'))) return false;
  return isFilled(jars) || (await canRunProgram('mvn', '-version'));
}

/** Returns the folder of the jars. Maven copies them there once. @throws Error with what Maven said when it cannot */
export async function fetchJars(jars: Jars): Promise<string> {
  const { name, pom, folder } = jars;
  if (isFilled(jars)) return folder;
  // Aside and then renamed: of two processes that fill it at once, one wins and both find it whole.
  const aside = `${folder}-${process.pid}`;
  try {
    await mkdir(dirname(folder), { recursive: true });
    const copy = ['-B', '-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${aside}`];
    await run('mvn', copy, { timeout: MAVEN_MS }).catch((error: Error & { stdout?: string }) => {
      throw new Error(`Maven could not fetch ${name}: ${firstError(error.stdout) ?? error.message}`);
    });
    await writeFile(join(aside, MARKER), hashOf(pom));
    if (!isFilled(jars)) {
      await rm(folder, { recursive: true, force: true });
      await rename(aside, folder).catch((error: unknown) => {
        if (!isFilled(jars)) throw error;
      });
    }
    return folder;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

const hashOf = (pom: string): string => createHash('sha256').update(readFileSync(pom)).digest('hex');

function isFilled({ pom, folder }: Jars): boolean {
  const marker = join(folder, MARKER);
  return existsSync(marker) && readFileSync(marker, 'utf8') === hashOf(pom);
}

const firstError = (said: string | undefined): string | undefined =>
  said?.split('\n').find((line) => line.startsWith('[ERROR]'));
