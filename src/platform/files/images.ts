import type { Logger } from 'pino';
import type { Replay } from '../kernel/command-key.ts';
import type { IdSource } from '../kernel/ids.ts';
import type { EncodeImage } from './encode-image.ts';
import { type ImageSizes, newFileName, newFullName, sizesOf } from './file-name.ts';
import type { FileStore } from './file-store.ts';

export type ImageSides = { readonly full: number } | Readonly<Record<keyof ImageSizes, number>>;

/** The images that rows of the contexts name. */
export interface Images {
  /**
   * Encodes an image and stores it under a new name, before a row names it: a crash leaves a file without a row, which is swept, and never a
   * row without its file. Returns undefined for what is no image. Rejects with Unavailable.
   * @param sides the longest side of each size, in pixels; with one of the smaller sizes there are both
   * @returns the name of the largest size, which the row names; `sizesOf` has the others
   */
  add(content: Uint8Array, sides: ImageSides): Promise<string | undefined>;
  /**
   * Waits for a change of rows and removes the files that none names after it, as `unnamedBy` says. A change without a known outcome removes
   * nothing. What cannot be removed now is left to the sweep.
   */
  afterChange<Outcome>(
    change: Promise<Outcome | Replay>,
    unnamedBy: (outcome: Outcome | Replay) => readonly (string | null | undefined)[],
  ): Promise<Outcome | Replay>;
}

export interface ImagesDeps {
  readonly files: FileStore;
  readonly encode: EncodeImage;
  readonly nextId: IdSource;
  /** Rejects while files of this process would be missing on other nodes. Default: there are none. */
  readonly assertShared?: () => Promise<void>;
  readonly log: Logger;
}

export function createImages({ files, encode, nextId, assertShared = async () => {}, log }: ImagesDeps): Images {
  async function discard(name: string): Promise<void> {
    try {
      for (const each of new Set(Object.values(sizesOf(name)))) await files.remove(each);
    } catch (error) {
      log.warn({ err: error, name }, 'a file that no row names was not removed; the sweep will');
    }
  }
  return {
    async add(content, sides) {
      // Before the work of encoding.
      await assertShared();
      const hasSizes = 'card' in sides;
      const encoded = await encode(content, hasSizes ? [sides.full, sides.card, sides.thumbnail] : [sides.full]);
      const [full, card, thumbnail] = encoded ?? [];
      if (full === undefined) return undefined;
      if (card === undefined || thumbnail === undefined) {
        const name = newFileName(nextId(), full);
        await files.put(name, full);
        return name;
      }
      const names = sizesOf(newFullName(nextId(), full));
      await Promise.all([
        files.put(names.full, full),
        files.put(names.card, card),
        files.put(names.thumbnail, thumbnail),
      ]);
      return names.full;
    },
    async afterChange(change, unnamedBy) {
      const outcome = await change;
      const unnamed = unnamedBy(outcome).filter((name) => typeof name === 'string');
      await Promise.all(unnamed.map(discard));
      return outcome;
    },
  };
}
