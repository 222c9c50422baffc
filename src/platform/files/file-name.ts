import { hash } from 'node:crypto';
import { EPOCH_MS } from '../kernel/ids.ts';

/** An id, so that no two files share a name, and a part of the content's hash, so that names cannot be guessed. Nothing of it is the client's. */
const FILE_NAME = /^([1-9]\d{0,18})-[0-9a-f]{32}(?:-(?:full|card|thumbnail))?\.webp$/;
const OF_FULL = /-full(?=\.webp$)/;
const OF_SMALLER = /-(?:card|thumbnail)(?=\.webp$)/;
const HASH_CHARS = 32;
/** The type of every file. */
export const FILE_TYPE = 'image/webp';

/** @param id a new one: its time is the age of the file */
export const newFileName = (id: bigint, content: Uint8Array): string =>
  `${id}-${hash('sha256', content, 'hex').slice(0, HASH_CHARS)}.webp`;

/** The same for the largest size of an image that has smaller ones, too. Rows name this one. */
export const newFullName = (id: bigint, content: Uint8Array): string =>
  newFileName(id, content).replace(/(?=\.webp$)/, '-full');

/** The sizes of an image by the name that its row has. Images of before there were sizes have one file for all. */
export interface ImageSizes {
  readonly full: string;
  readonly card: string;
  readonly thumbnail: string;
}
export const sizesOf = (full: string): ImageSizes => ({
  full,
  card: full.replace(OF_FULL, '-card'),
  thumbnail: full.replace(OF_FULL, '-thumbnail'),
});

/** The name that a row has of the image of which this is a size. */
export const fullNameOf = (name: string): string => name.replace(OF_SMALLER, '-full');

export const isFileName = (text: string): boolean => FILE_NAME.test(text);

/** The id in a name. Throws for what is no name of `newFileName`. */
export function idOfFile(name: string): bigint {
  const [, id] = FILE_NAME.exec(name) ?? [];
  if (id === undefined) throw new Error('not the name of a stored file');
  return BigInt(id);
}

/** When the name was made, in milliseconds since 1970. */
export const fileMadeAt = (name: string): number => Number(idOfFile(name) >> 22n) + EPOCH_MS;
