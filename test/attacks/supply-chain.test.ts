import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const lock: { readonly packages: Readonly<Record<string, Locked>> } = read('package-lock.json');
const manifest = read('package.json');
/** Without the packages of this project: itself and its workspaces. */
const own = ['', ...manifest.workspaces, 'node_modules/@stampede/client'];
const packages = Object.entries(lock.packages).filter(([path]) => !own.includes(path));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('what npm installs', () => {
  it('docs/attacks.md 58: every package for this platform is locked by its hash, and none comes from an address of its own', () => {
    // npm writes no hash for packages of other platforms, which it did not fetch when the lock was made.
    const unlocked = packages.filter(([path, { integrity }]) => !/^sha512-/.test(integrity ?? '') && existsSync(path));
    expect(unlocked.map(([path]) => path)).toEqual([]);
    expect(packages.filter(([, { resolved, link }]) => resolved !== undefined || link).map(([path]) => path)).toEqual(
      [],
    );
  });

  it('docs/attacks.md 58: every dependency has an exact version', () => {
    const wanted: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies };
    expect(Object.entries(wanted).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
    for (const [name, version] of Object.entries(wanted)) {
      expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
    }
  });

  it('docs/attacks.md 58: no package may run a script when it is installed, and those that have one are named', () => {
    expect(Object.entries(manifest.allowScripts).filter(([, isAllowed]) => isAllowed)).toEqual([]);
    const withScripts = packages.filter(([path, { hasInstallScript }]) => hasInstallScript && existsSync(path));
    const unnamed = withScripts.map(([path]) => nameOf(path)).filter((name) => !(name in manifest.allowScripts));
    expect(unnamed).toEqual([]);
  });
});
