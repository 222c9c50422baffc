import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const LIB = join(HERE, 'lib');
const POM = join(HERE, 'pom.xml');
/** Contains the hash of the pom of lib/, so that a changed pom replaces lib/. */
const MARKER = 'pom.sha256';
const MAVEN_MS = 5 * 60_000;

/** Are Java and Maven, or Java and what Maven fetched before, on this machine? */
export async function hasJava(): Promise<boolean> {
  if (!(await answers('java', '-version'))) return false;
  return isFilled() || (await answers('mvn', '-version'));
}

/** The directory of the broker's jars. Maven copies them there once. Throws what Maven said when it cannot. */
export async function kafkaJars(): Promise<string> {
  if (isFilled()) return LIB;
  // Aside and then renamed: of two processes that fill it at once, one wins and both find it whole.
  const aside = `${LIB}-${process.pid}`;
  try {
    const copy = ['-B', '-q', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${aside}`];
    await run('mvn', copy, { timeout: MAVEN_MS }).catch((error: Error & { stdout?: string }) => {
      throw new Error(`Maven could not fetch Kafka: ${firstError(error.stdout) ?? error.message}`);
    });
    await writeFile(join(aside, MARKER), pomHash());
    if (!isFilled()) {
      await rm(LIB, { recursive: true, force: true });
      await rename(aside, LIB).catch((error: unknown) => {
        if (!isFilled()) throw error;
      });
    }
    return LIB;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

const pomHash = (): string => createHash('sha256').update(readFileSync(POM)).digest('hex');

function isFilled(): boolean {
  const marker = join(LIB, MARKER);
  return existsSync(marker) && readFileSync(marker, 'utf8') === pomHash();
}

const firstError = (said: string | undefined): string | undefined =>
  said?.split('\n').find((line) => line.startsWith('[ERROR]'));

async function answers(program: string, argument: string): Promise<boolean> {
  return await run(program, [argument]).then(
    () => true,
    () => false,
  );
}
