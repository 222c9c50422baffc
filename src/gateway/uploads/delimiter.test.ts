import { expect, it } from 'vitest';
import { findDelimiter } from './delimiter.ts';

async function* chunks(text: string): AsyncGenerator<Buffer, void, undefined> {
  for (const char of text) yield Buffer.from(char);
}

it.each([
  ['code\nA;B\n', ','],
  ['no,code\n', ','],
  ['no;code\n1,5;A\n', ';'],
  ['no\tcode', '\t'],
  ['\n\r\n"a,b,c";code\n', ';'],
  ['', ','],
])('the delimiter of %j is %j, and the text is passed on whole', async (text, delimiter) => {
  const found = await findDelimiter(chunks(text));
  const parts: Buffer[] = [];
  for await (const part of found.chunks) parts.push(part);
  expect([found.delimiter, Buffer.concat(parts).toString()]).toEqual([delimiter, text]);
});
