import { expect, it } from 'vitest';
import { backupReader, backupWriter, DamagedBackup } from './backup-file.ts';

const ROWS: Readonly<Record<string, string>> = {
  'a.empty': '',
  'a.one': '1\tx\n',
  'a.tricky': '1\t\\\\.\n2\t{"rows":1}\n\\N\t\n',
};

/** A file in chunks of this many bytes. */
async function written(chunkBytes: number): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  const writer = backupWriter(async (chunk) => void chunks.push(chunk));
  await writer.header({ version: '1.0.0', at: '2026-11-30T00:00:00Z', migrations: { platform: ['h'] } });
  for (const [table, rows] of Object.entries(ROWS))
    await writer.table({ table, columns: ['"id"'], sequences: [] }, once(Buffer.from(rows)));
  await writer.end(
    Object.fromEntries(Object.entries(ROWS).map(([table, rows]) => [table, rows.split('\n').length - 1])),
  );
  const all = Buffer.concat(chunks);
  return Array.from({ length: Math.ceil(all.length / chunkBytes) }, (_, index) =>
    all.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
}

async function* once(chunk: Buffer): AsyncGenerator<Buffer> {
  if (chunk.length > 0) yield chunk;
}
async function* each(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

const read = (chunks: readonly Buffer[]) => readAll(each(chunks));
async function readAll(chunks: AsyncIterable<Buffer>): Promise<Readonly<Record<string, string>>> {
  const reader = backupReader(chunks);
  await reader.header();
  const found: Record<string, string> = {};
  for (;;) {
    const next = await reader.next();
    if ('trailer' in next) return found;
    const rows: Buffer[] = [];
    for await (const chunk of reader.rows()) rows.push(chunk);
    found[next.table.table] = Buffer.concat(rows).toString();
  }
}

it.each([1, 2, 3, 7, 64, 10_000])(
  'a backup that arrives in chunks of %i bytes has the tables and rows that were written',
  async (bytes) => {
    expect(await read(await written(bytes))).toEqual(ROWS);
  },
);

it('a backup that was cut off anywhere is not read to its end', async () => {
  const [file = Buffer.alloc(0)] = await written(10_000);
  for (let length = 0; length < file.length; length += 5)
    await expect(read([file.subarray(0, length)]), `${length} bytes`).rejects.toThrow(DamagedBackup);
});

it('a backup in which a row was changed is not read to its end', async () => {
  const [file = Buffer.alloc(0)] = await written(10_000);
  const changed = Buffer.from(file.toString().replace('1\tx\n', '1\ty\n'));
  await expect(read([changed])).rejects.toThrow('its checksum is another one');
});

it('another file is no backup', async () => {
  await expect(read([Buffer.from('-- PostgreSQL database dump\n')])).rejects.toThrow('it is no backup of Stampede');
});

it.each([
  ['header', ''],
  ['section', '{"stampedeBackup":1,"version":"1","at":"","migrations":{}}\n'],
  ['row', '{"stampedeBackup":1,"version":"1","at":"","migrations":{}}\n{"table":"a","columns":[],"sequences":[]}\n'],
])('a %s without an end is refused before it fills the memory', async (_, before) => {
  let bytes = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from(before);
    for (const chunk = Buffer.alloc(1024 * 1024, 'x'); bytes < 200 * chunk.length; bytes += chunk.length) yield chunk;
  }
  await expect(readAll(endless())).rejects.toThrow('a line that is too long');
  expect(bytes).toBeLessThan(70 * 1024 * 1024);
});
