import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PlantedBug } from './bugs.ts';
import { mutate } from './mutate.ts';

const PARTS = ['src', 'test', 'tools', 'clients', 'docs', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/** A copy of the project in which bugs may be planted. */
export interface Tree {
  readonly path: string;
  /** Plants a bug and returns what removes it again. Throws when its code does not occur exactly once. */
  plant(bug: PlantedBug): () => void;
  remove(): void;
}

export function copyTree(): Tree {
  const path = mkdtempSync(join(tmpdir(), 'stampede-planted-'));
  for (const part of PARTS) cpSync(part, join(path, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(path, 'node_modules'));
  return {
    path,
    plant(bug) {
      const place = join(path, bug.file);
      const original = readFileSync(place, 'utf8');
      writeFileSync(place, mutate(original, bug));
      return () => writeFileSync(place, original);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
