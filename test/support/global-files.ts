import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { openTemporaryDir } from './open-temporary-dir.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The directory of the files of all servers that tests start. Names of files are unique, so tests do not meet there. */
    filesDirectory: string;
  }
}

export default function setup(project: TestProject): () => void {
  const directory = openTemporaryDir('stampede-files-');
  project.provide('filesDirectory', directory);
  return () => rmSync(directory, { recursive: true, force: true });
}
