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
  readonly log: Logger;
}

/** Opens the store of files, and the images in it. Touches neither disk nor network before the first file. */
export function openFiles(
  settings: FileSettings,
  { nextId, metrics, cores, log }: FilesDeps,
): { readonly files: FileStore; readonly images: Images } {
  const files = settings.kind === 'S3' ? s3FileStore(settings) : directoryFileStore(settings.directory);
  return { files, images: createImages(files, imageEncoder(metrics, cores), nextId, log) };
}
