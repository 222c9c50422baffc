import { S3mini } from 's3mini';
import { limited } from '../kernel/limited.ts';
import { Unavailable } from '../kernel/refusal.ts';
import { FILE_TYPE, idOfFile, isFileName } from './file-name.ts';
import type { FileStore } from './file-store.ts';

/** A bucket of S3, or of anything that speaks its protocol. */
export interface S3Settings {
  readonly bucket: string;
  readonly region: string;
  /** Without the bucket, for example https://s3.ap-northeast-2.amazonaws.com. */
  readonly endpoint: string;
  /** Is the bucket the first part of the path, and not of the host name? */
  readonly pathStyle: boolean;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const TIMEOUT_MS = 5_000;
const PAGE_MAX = 500;
/** Calls that run and wait: a bucket that does not respond holds 64 of them for 5 s, and no more memory than that. */
const CALLS = { running: 64, waiting: 256, refusal: 'too many calls wait for the bucket of files' };

/** Files as objects of a bucket. It may have other objects. */
export function s3FileStore(settings: S3Settings): FileStore {
  const { accessKeyId, secretAccessKey, region } = settings;
  const s3 = new S3mini({
    accessKeyId,
    secretAccessKey,
    region,
    endpoint: bucketUrl(settings),
    requestAbortTimeout: TIMEOUT_MS,
  });
  const calls = limited(CALLS);
  const call = <T>(work: () => Promise<T>): Promise<T> => calls.run(() => reaching(work));
  const keyOf = (name: string): string => {
    idOfFile(name);
    return name;
  };
  return {
    async put(name, content) {
      const key = keyOf(name);
      await call(() => s3.putObject(key, content, FILE_TYPE, undefined, undefined, content.length));
    },

    async get(name) {
      const key = keyOf(name);
      const content = await call(() => s3.getObjectArrayBuffer(key));
      return content === null ? undefined : new Uint8Array(content);
    },

    async remove(name) {
      const key = keyOf(name);
      await call(() => s3.deleteObject(key));
    },

    async *list() {
      let token: string | undefined;
      do {
        const page = await call(() => s3.listObjectsPaged('/', '', PAGE_MAX, token));
        if (!page?.objects) throw unavailable(new Error('the bucket does not exist'));
        const names = page.objects.map(({ Key }) => Key).filter(isFileName);
        if (names.length > 0) yield names;
        token = page.nextContinuationToken;
      } while (token !== undefined);
    },
  };
}

function bucketUrl({ endpoint, bucket, pathStyle }: S3Settings): string {
  const url = new URL(endpoint);
  if (!pathStyle) url.hostname = `${bucket}.${url.hostname}`;
  return pathStyle ? `${url.href.replace(/\/+$/, '')}/${bucket}` : url.href;
}

/** Every failure of a call is one of the bucket, its settings or the network: none is decided by a rule. */
async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unavailable(error);
  }
}

const unavailable = (cause: unknown): Unavailable =>
  new Unavailable('DEPENDENCY_UNAVAILABLE', 'the bucket of files is not available', 5, { cause });
