import type { Logger } from 'pino';
import type { Replay } from '../kernel/command-key.ts';
import type { IdSource } from '../kernel/ids.ts';
import type { EncodeImage } from './encode-image.ts';
import { newFileName } from './file-name.ts';
import type { FileStore } from './file-store.ts';

/** The images that rows of the contexts name. */
export interface Images {
  /**
   * Encodes an image and stores it under a new name, before a row names it: a crash leaves a file without a row, which is swept, and never a
   * row without its file. Returns undefined for what is no image. Rejects with Unavailable.
   */
  add(content: Uint8Array, sideMax: number): Promise<string | undefined>;
  /**
   * Waits for a change of rows and removes the files that none names after it, as `unnamedBy` says. A change without a known outcome removes
   * nothing. What cannot be removed now is left to the sweep.
   */
  afterChange<Outcome>(
    change: Promise<Outcome | Replay>,
    unnamedBy: (outcome: Outcome | Replay) => readonly (string | null | undefined)[],
  ): Promise<Outcome | Replay>;
}

export function createImages(files: FileStore, encode: EncodeImage, nextId: IdSource, log: Logger): Images {
  async function discard(name: string): Promise<void> {
    try {
      await files.remove(name);
    } catch (error) {
      log.warn({ err: error, name }, 'a file that no row names was not removed; the sweep will');
    }
  }
  return {
    async add(content, sideMax) {
      const encoded = await encode(content, sideMax);
      if (encoded === undefined) return undefined;
      const name = newFileName(nextId(), encoded);
      await files.put(name, encoded);
      return name;
    },
    async afterChange(change, unnamedBy) {
      const outcome = await change;
      const unnamed = unnamedBy(outcome).filter((name) => typeof name === 'string');
      await Promise.all(unnamed.map(discard));
      return outcome;
    },
  };
}
