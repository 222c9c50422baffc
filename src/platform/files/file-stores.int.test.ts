import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testS3 } from '../../../test/support/s3.ts';
import { directoryFileStore } from './directory-file-store.ts';
import { newFileName } from './file-name.ts';
import { fileStoreSuite, listAll, type OpenFileStore } from './file-store-suite.ts';
import { s3FileStore } from './s3-file-store.ts';

const UNAVAILABLE = { code: 'DEPENDENCY_UNAVAILABLE' };
const CONTENT = Buffer.from('content');
const NAME = newFileName(7_330_011_234_567_000n, CONTENT);

describe('a directory', () => {
  let parent: string;
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'stampede-file-store-'));
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  let opened = 0;
  const newDirectory = (): string => join(parent, String(++opened), 'files');

  fileStoreSuite(async (): Promise<OpenFileStore> => {
    const directory = newDirectory();
    return {
      store: directoryFileStore(directory),
      addForeign: (name) => writeFile(join(directory, name), ''),
      close: () => rm(directory, { recursive: true, force: true }),
    };
  });

  it('a half file that a crash left is not read, is listed, and is removed', async () => {
    const directory = newDirectory();
    const store = directoryFileStore(directory);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, `${NAME}.part`), 'hal');
    expect(await store.get(NAME)).toBeUndefined();
    expect(await listAll(store)).toEqual([NAME]);
    await store.remove(NAME);
    expect(await readdir(directory)).toEqual([]);
  });

  it('a directory of files, and each file, is open to the account of the program only', async () => {
    const directory = newDirectory();
    await directoryFileStore(directory).put(NAME, CONTENT);
    const modes = [await stat(directory), await stat(join(directory, NAME))].map(({ mode }) => mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
  });

  it('a directory that cannot be written is a dependency that is not available', async () => {
    const file = join(parent, 'a-file');
    await writeFile(file, '');
    const store = directoryFileStore(join(file, 'files'));
    await expect(store.put(NAME, CONTENT)).rejects.toMatchObject(UNAVAILABLE);
  });
});

const s3 = await testS3();

describe.skipIf(s3 === undefined)('a bucket', () => {
  fileStoreSuite(async (): Promise<OpenFileStore> => {
    if (s3 === undefined) throw new Error('no S3');
    const bucket = await s3.newBucket();
    return { store: s3FileStore(bucket.settings), addForeign: bucket.addObject, close: bucket.empty };
  });

  it('a file of a bucket has its type there, for those who read it from the bucket', async () => {
    if (s3 === undefined) throw new Error('no S3');
    const { settings, typeOf } = await s3.newBucket();
    await s3FileStore(settings).put(NAME, CONTENT);
    expect(await typeOf(NAME)).toBe('image/webp');
  });

  it.each([
    ['a wrong secret', { secretAccessKey: 'wrong-secret-wrong-secret' }],
    ['nothing that listens', { endpoint: 'http://127.0.0.1:9' }],
  ])('a bucket with %s is a dependency that is not available', async (_, changes) => {
    if (s3 === undefined) throw new Error('no S3');
    const store = s3FileStore({ ...(await s3.newBucket()).settings, ...changes });
    await expect(store.put(NAME, CONTENT)).rejects.toMatchObject(UNAVAILABLE);
    await expect(listAll(store)).rejects.toMatchObject(UNAVAILABLE);
  });

  // This server creates a bucket with its first object.
  it('a bucket that does not exist is no empty list of files', async () => {
    if (s3 === undefined) throw new Error('no S3');
    const store = s3FileStore({ ...(await s3.newBucket()).settings, bucket: 'no-such-bucket' });
    await expect(listAll(store)).rejects.toMatchObject(UNAVAILABLE);
  });
});
