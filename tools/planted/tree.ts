import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PlantedBug } from './bugs.ts';

const PARTS = ['src', 'test', 'tools', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/** A copy of the project in which bugs may be planted. */
export interface Tree {
  readonly path: string;
  /** Plants a bug; answers how to take it out again. Throws when its place is not there, or there twice. */
  plant(bug: PlantedBug): () => void;
  remove(): void;
}

export function copyTree(): Tree {
  const path = mkdtempSync(join(tmpdir(), 'stampede-planted-'));
  for (const part of PARTS) cpSync(part, join(path, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(path, 'node_modules'));
  return {
    path,
    plant({ name, file, search, replace }) {
      const place = join(path, file);
      const sound = readFileSync(place, 'utf8');
      const parts = sound.split(search);
      if (parts.length !== 2)
        throw new Error(`"${name}": its search string occurs ${parts.length - 1} times in ${file}`);
      writeFileSync(place, parts.join(replace));
      return () => writeFileSync(place, sound);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
