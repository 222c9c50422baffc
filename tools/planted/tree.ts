import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PlantedBug } from './bugs.ts';
import { mutate } from './mutate.ts';

const PARTS = ['bin', 'src', 'test', 'tools', 'clients', 'docs', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/** Tests that start the program, which is built for each of their bugs. */
const startsProgram = (test: string): boolean => test.endsWith('.e2e.test.ts');

/** A copy of the project in which bugs may be planted. */
export interface Tree {
  readonly path: string;
  /**
   * Plants a bug and returns what removes it again. Builds the program where a test of the bug starts it.
   * @throws when its code does not occur exactly once, or the program cannot be built
   */
  plant(bug: PlantedBug): () => void;
  remove(): void;
}

/** A tree with the program built. */
export function copyTree(): Tree {
  const path = mkdtempSync(join(tmpdir(), 'stampede-planted-'));
  for (const part of PARTS) cpSync(part, join(path, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(path, 'node_modules'));
  const build = () => execFileSync(process.execPath, ['tools/build.js'], { cwd: path, stdio: 'pipe' });
  // Every test that opens the gateway needs the scripts of its pages, which only a build makes.
  build();
  return {
    path,
    plant(bug) {
      const place = join(path, bug.file);
      const original = readFileSync(place, 'utf8');
      writeFileSync(place, mutate(original, bug));
      try {
        if (bug.tests.some(startsProgram)) build();
      } catch (error) {
        writeFileSync(place, original);
        throw error;
      }
      return () => writeFileSync(place, original);
    },
    // Processes of a test that was ended may still write for a moment.
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
}
