/**
 * The file of a backup: gzip of lines. The first one is the header, as JSON. Then each table is a line of JSON, its rows as COPY writes them as text, and a line `\.`, which no row can be. The last
 * line states the rows of each table and the SHA-256 of everything before it, so that a file that was cut off or changed is noticed.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

export const FORMAT = 1;

const HEADER = z.object({
  stampedeBackup: z.number(),
  /** Of the program that wrote it. */
  version: z.string(),
  /** RFC 3339, by the clock of the database: the moment that the file contains. */
  at: z.string(),
  /** The hashes of the applied migrations of each set, in their order. */
  migrations: z.record(z.string(), z.array(z.string())),
});
export type BackupHeader = z.infer<typeof HEADER>;

const SECTION = z.object({
  table: z.string(),
  columns: z.array(z.string()),
  /** Where the numbers that the database gives to new rows go on. */
  sequences: z.array(z.object({ name: z.string(), last: z.string(), isUsed: z.boolean() })),
});
export type TableSection = z.infer<typeof SECTION>;

const TRAILER = z.object({ rows: z.record(z.string(), z.number()), sha256: z.string() });
export type BackupTrailer = z.infer<typeof TRAILER>;

const END_OF_ROWS = Buffer.from('\\.\n');
const LINE_BREAK = 0x0a;
/** Of a header, a section or a trailer. They have some kB. */
const LINE_BYTES_MAX = 1024 * 1024;
/** Of a row. Most have less than a kB, and some have a part of an uploaded file. */
const ROW_BYTES_MAX = 64 * 1024 * 1024;

/** Thrown for a file that is no backup, or not a whole one. */
export class DamagedBackup extends Error {
  override readonly name = 'DamagedBackup';
}

/** Writes the parts of a backup one after the other to `write`, which resolves when it may get more. */
export function backupWriter(write: (chunk: Buffer) => Promise<void>) {
  const hash = createHash('sha256');
  const add = async (chunk: Buffer): Promise<void> => {
    hash.update(chunk);
    await write(chunk);
  };
  const line = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);
  return {
    header: (header: Omit<BackupHeader, 'stampedeBackup'>) => add(line({ stampedeBackup: FORMAT, ...header })),
    async table(section: TableSection, rows: AsyncIterable<Buffer>): Promise<void> {
      await add(line(section));
      for await (const chunk of rows) await add(chunk);
      await add(END_OF_ROWS);
    },
    end: (rows: BackupTrailer['rows']) => write(line({ rows, sha256: hash.digest('hex') } satisfies BackupTrailer)),
  };
}

/** Reads the parts of a backup in their order. Every call throws DamagedBackup for what is no such part. */
export function backupReader(chunks: AsyncIterable<Buffer>) {
  const hash = createHash('sha256');
  const source = chunks[Symbol.asyncIterator]();
  let buffered: Buffer = Buffer.alloc(0);

  /** @throws DamagedBackup also when a line without an end has more than so many bytes: a small file may unpack to more than the memory */
  async function fill(bytesMax: number): Promise<void> {
    if (buffered.length > bytesMax) throw new DamagedBackup('it has a line that is too long');
    const next = await source.next();
    if (next.done === true) throw new DamagedBackup('it ends too early');
    buffered = buffered.length === 0 ? next.value : Buffer.concat([buffered, next.value]);
  }

  function take(length: number): Buffer {
    const taken = buffered.subarray(0, length);
    hash.update(taken);
    buffered = buffered.subarray(length);
    return taken;
  }

  async function readLine(): Promise<string> {
    let end = buffered.indexOf(LINE_BREAK);
    while (end < 0) {
      await fill(LINE_BYTES_MAX);
      end = buffered.indexOf(LINE_BREAK);
    }
    return take(end + 1).toString();
  }

  return {
    async header(): Promise<BackupHeader> {
      return parsed(HEADER, await readLine());
    },
    /** The next table, or the trailer, whose checksum was compared. */
    async next(): Promise<{ readonly table: TableSection } | { readonly trailer: BackupTrailer }> {
      const sha256 = hash.copy().digest('hex');
      const text = await readLine();
      if (!text.startsWith('{"rows":')) return { table: parsed(SECTION, text) };
      const trailer = parsed(TRAILER, text);
      if (trailer.sha256 !== sha256) throw new DamagedBackup('its checksum is another one');
      return { trailer };
    },
    /** The rows of the table that `next` returned, as whole lines. To be read to the end. */
    async *rows(): AsyncGenerator<Buffer> {
      for (;;) {
        const whole = buffered.subarray(0, buffered.lastIndexOf(LINE_BREAK) + 1);
        const end = endOfRows(whole);
        if (end >= 0) {
          if (end > 0) yield take(end);
          take(END_OF_ROWS.length);
          return;
        }
        if (whole.length > 0) yield take(whole.length);
        await fill(ROW_BYTES_MAX);
      }
    },
  };
}

/** Where the line that ends the rows begins. -1: it is not among these lines. */
function endOfRows(lines: Buffer): number {
  if (lines.subarray(0, END_OF_ROWS.length).equals(END_OF_ROWS)) return 0;
  const at = lines.indexOf('\n\\.\n');
  return at < 0 ? -1 : at + 1;
}

function parsed<Part>(schema: z.ZodType<Part>, text: string): Part {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new DamagedBackup('it is no backup of Stampede', { cause: error });
  }
}
