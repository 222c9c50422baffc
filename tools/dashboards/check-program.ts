import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

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
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const cached = join(cache, 'stampede', `dashboard-check-${version}`, 'dashboard-check');
  if (existsSync(cached)) return cached;
  await mkdir(dirname(dirname(cached)), { recursive: true });
  // Aside and then renamed: of two processes that build at once, both find it whole.
  const aside = await mkdtemp(`${dirname(cached)}-`);
  try {
    const built = join(aside, 'dashboard-check');
    await run('go', ['build', '-o', built, '.'], { cwd: SOURCE, timeout: BUILD_MS });
    await mkdir(dirname(cached), { recursive: true });
    await rename(built, cached);
    return cached;
  } catch (error) {
    throw new NoDashboardCheck(
      `Go is not here, or could not build the check of dashboards: ${(error as Error).message.slice(-500)}`,
    );
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
