import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toUtf8 } from './encoding.ts';

const TEXT = '번호,쿠폰코드\r\n1,똠방각하-펲시 햏 €\r\n';
/** TEXT as a Korean spreadsheet saves it; made with Python's codec of CP949. */
const CP949 = Buffer.from('b9f8c8a32cc4edc6f9c4dab5e50d0a312c8c63b9e6b0a2c7cf2dbc84bdc320c16420a2e60d0a', 'hex');

async function decoded(bytes: Buffer, chunkBytes: number): Promise<string> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes);
  }
  const parts: Buffer[] = [];
  for await (const part of toUtf8(chunks())) parts.push(part);
  return Buffer.concat(parts)
    .toString()
    .replace(/^\ufeff/, '');
}

/** Encodes ASCII and then TEXT. */
const ENCODINGS: readonly (readonly [string, (ascii: string) => Buffer])[] = [
  ['UTF-8', (ascii) => Buffer.from(ascii + TEXT)],
  ['UTF-8 with a byte order mark', (ascii) => Buffer.from(`\ufeff${ascii}${TEXT}`)],
  ['UTF-16 with a byte order mark', (ascii) => Buffer.from(`\ufeff${ascii}${TEXT}`, 'utf16le')],
  ['big-endian UTF-16 with a byte order mark', (ascii) => Buffer.from(`\ufeff${ascii}${TEXT}`, 'utf16le').swap16()],
  ['UTF-16 without a byte order mark', (ascii) => Buffer.from(ascii + TEXT, 'utf16le')],
  ['big-endian UTF-16 without a byte order mark', (ascii) => Buffer.from(ascii + TEXT, 'utf16le').swap16()],
  ['CP949', (ascii) => Buffer.concat([Buffer.from(ascii), CP949])],
];

it.each(ENCODINGS)('a file in %s is read as it was written, wherever it is cut into parts', async (_, encode) => {
  const bytes = encode('');
  for (let chunkBytes = 1; chunkBytes <= bytes.length; chunkBytes++) {
    expect(await decoded(bytes, chunkBytes)).toBe(TEXT);
  }
});

it.each(ENCODINGS)('a file in %s is read as it was written when its first Hangul comes late', async (_, encode) => {
  const ascii = '1,ABC-123\r\n'.repeat(500);
  expect(await decoded(encode(ascii), 999)).toBe(ascii + TEXT);
});

it('any text in UTF-8 is passed on unchanged, in any parts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .string({ unit: 'binary', maxLength: 1_500 })
        .filter((text) => !text.includes('\0') && !text.startsWith('\ufeff')),
      fc.integer({ min: 1, max: 2_000 }),
      async (text, chunkBytes) => {
        expect(await decoded(Buffer.from(text), chunkBytes)).toBe(text);
      },
    ),
    { numRuns: 100 },
  );
});

it('a zero byte in a file of ASCII does not make it UTF-16', async () => {
  const text = `code\na\0b\n${'ABC-123\n'.repeat(10)}`;
  expect(await decoded(Buffer.from(text), 1_000)).toBe(text);
});

it('half a character of CP949 at the end of a cell does not swallow the delimiter', async () => {
  const bytes = Buffer.from([0xb9, 0xf8, 0xc8, 0xa3, 0x2c, 0xb9, 0x2c, 0x31, 0x0a]);
  expect(await decoded(bytes, 4)).toBe('번호,\ufffd,1\n');
});
