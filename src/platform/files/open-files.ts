import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { IdSource } from '../kernel/ids.ts';
import { directoryFileStore } from './directory-file-store.ts';
import { imageEncoder } from './encode-image.ts';
import type { FileStore } from './file-store.ts';
import { createImages, type Images } from './images.ts';
import { type S3Settings, s3FileStore } from './s3-file-store.ts';

/** Where files are kept. */
export type FileSettings =
  | { readonly kind: 'DIRECTORY'; readonly directory: string }
  | ({ readonly kind: 'S3' } & S3Settings);

export interface FilesDeps {
  readonly nextId: IdSource;
  readonly metrics: Registry;
  /** Cores that this process may use. Default: all. */
  readonly cores?: number;
  /** Rejects while files of this process would be missing on other nodes: see file-place.ts. Default: there are none. */
  readonly assertShared?: () => Promise<void>;
  readonly log: Logger;
}

/** Opens the store of files, and the images in it. Touches neither disk nor network before the first file. */
export function openFiles(
  settings: FileSettings,
  { metrics, cores, ...deps }: FilesDeps,
): { readonly files: FileStore; readonly images: Images } {
  const files = settings.kind === 'S3' ? s3FileStore(settings) : directoryFileStore(settings.directory);
  return { files, images: createImages({ ...deps, files, encode: imageEncoder(metrics, cores) }) };
}
