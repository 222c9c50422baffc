import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedProgram } from '../cached-program.ts';

const run = promisify(execFile);
const SOURCE = join(import.meta.dirname, 'check');
/** It takes about two minutes of two cores. */
const BUILD_MS = 15 * 60_000;

/** There is no Go here, or it cannot build the check of dashboards. */
export class NoDashboardCheck extends Error {
  override readonly name = 'NoDashboardCheck';
}

/**
 * The program that checks dashboards with Grafana's own library: Go builds it once for its source into the user's cache, which outlives a clone.
 * @throws NoDashboardCheck without Go, or when Go cannot build it
 */
export async function dashboardCheck(): Promise<string> {
  const files = await Promise.all(['main.go', 'go.mod', 'go.sum'].map((file) => readFile(join(SOURCE, file))));
  const version = createHash('sha256').update(Buffer.concat(files)).digest('hex').slice(0, 12);
  const program = { name: 'dashboard-check', version, path: 'dashboard-check' };
  return await cachedProgram(program, async (directory) => {
    const build = ['build', '-o', join(directory, program.path), '.'];
    await run('go', build, { cwd: SOURCE, timeout: BUILD_MS }).catch((error: Error) => {
      throw new NoDashboardCheck(
        `Go is not here, or could not build the check of dashboards: ${error.message.slice(-500)}`,
      );
    });
  });
}
