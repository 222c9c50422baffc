import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PACKAGE = import.meta.dirname;
const VITEPRESS = join(PACKAGE, 'node_modules/vitepress/bin/vitepress.js');

/** Builds the site into a directory. Returns the exit code of VitePress, and what it printed. */
export function buildSite(directory: string): { readonly code: number; readonly output: string } {
  if (!existsSync(VITEPRESS))
    execFileSync('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--prefix', PACKAGE], { stdio: 'pipe' });
  const args = [VITEPRESS, 'build', PACKAGE, '--outDir', resolve(directory)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { code: status ?? 1, output: stdout + stderr };
}
