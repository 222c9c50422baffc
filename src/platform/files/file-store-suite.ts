import { afterEach, beforeEach, expect, it } from 'vitest';
import { newFileName } from './file-name.ts';
import type { FileStore } from './file-store.ts';

export interface OpenFileStore {
  readonly store: FileStore;
  /** Adds something that is no file of ours to the same place. */
  addForeign(name: string): Promise<void>;
  close(): Promise<void>;
}

const CONTENT = Buffer.from('the content of a file');
let ids = 7_330_011_234_567_000n;
const newName = (content: Uint8Array = CONTENT): string => newFileName(++ids, content);

/** Every name of a list. */
export async function listAll(store: Pick<FileStore, 'list'>): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of store.list()) names.push(...page);
  return names.sort();
}

/** What every store of files does. Call it inside a block of tests. */
export function fileStoreSuite(open: () => Promise<OpenFileStore>): void {
  let opened: OpenFileStore;
  let store: FileStore;
  beforeEach(async () => {
    opened = await open();
    ({ store } = opened);
  });
  afterEach(() => opened.close());

  const listed = (): Promise<readonly string[]> => listAll(store);

  it('a store of files returns a file as it was put, byte by byte', async () => {
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
    const name = newName(content);
    await store.put(name, content);
    expect(Buffer.compare(Buffer.from((await store.get(name)) ?? []), content)).toBe(0);
  });

  it('a store of files has no file that was not put, and none in a place without files', async () => {
    expect(await store.get(newName())).toBeUndefined();
    expect(await listed()).toEqual([]);
  });

  it('a file that was removed is gone, and removing it again does nothing', async () => {
    const [gone, kept] = [newName(), newName()];
    await store.put(gone, CONTENT);
    await store.put(kept, CONTENT);
    await store.remove(gone);
    await store.remove(gone);
    expect([await store.get(gone), Buffer.from((await store.get(kept)) ?? [])]).toEqual([undefined, CONTENT]);
  });

  it('a file that is put twice is there once', async () => {
    const name = newName();
    await Promise.all([store.put(name, CONTENT), store.put(newName(), CONTENT)]);
    await store.put(name, CONTENT);
    expect((await listed()).filter((each) => each === name)).toEqual([name]);
  });

  it('a list has every file, over several pages, and nothing that is not a file of ours', async () => {
    const names = Array.from({ length: 520 }, () => newName());
    for (let from = 0; from < names.length; from += 40) {
      await Promise.all(names.slice(from, from + 40).map((name) => store.put(name, CONTENT)));
    }
    await opened.addForeign('notes.txt');
    await opened.addForeign('backup-7330011234567000.webp');
    expect(await listed()).toEqual(names.sort());
  });

  it.each([
    '../secret',
    '..',
    '',
    '/etc/passwd',
    'a/b.webp',
    '1-00.webp',
    `${'9'.repeat(20)}-${'0'.repeat(32)}.webp`,
    `1-${'0'.repeat(32)}.webp/../../x`,
    `1-${'0'.repeat(32)}.webp\0`,
    `1-${'0'.repeat(32)}.html`,
  ])('docs/attacks.md 56: the name %j is never looked for', async (name) => {
    const message = 'not the name of a stored file';
    await expect(store.get(name)).rejects.toThrow(message);
    await expect(store.put(name, CONTENT)).rejects.toThrow(message);
    await expect(store.remove(name)).rejects.toThrow(message);
  });
}
