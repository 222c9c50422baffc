/** Spreadsheets write a semicolon where a comma separates decimals, and a tab into "Unicode text". */
const DELIMITERS = [',', ';', '\t'] as const;
type Delimiter = (typeof DELIMITERS)[number];

/** A first line that is longer is cut here to find its delimiter. */
const LINE_BYTES_MAX = 10_000;

/** A text in UTF-8 with the delimiter that its first line has most often outside of quotes; a comma when it has none. */
export interface DelimitedText {
  readonly delimiter: Delimiter;
  /** The whole text. */
  readonly chunks: AsyncGenerator<Buffer, void, undefined>;
}

/** Reads the first line of a text to find its delimiter. */
export async function findDelimiter(text: AsyncGenerator<Buffer, void, undefined>): Promise<DelimitedText> {
  let head: Buffer = Buffer.alloc(0);
  let line: string | undefined;
  while (line === undefined && head.length < LINE_BYTES_MAX) {
    const next = await text.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
    // Delimiters and quotes are ASCII, and no byte of another character equals one.
    line = /^[\r\n]*([^\r\n]+)[\r\n]/.exec(head.toString('latin1'))?.[1];
  }
  return { delimiter: delimiterOf(line ?? head.toString('latin1')), chunks: joined(head, text) };
}

async function* joined(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield head;
  yield* rest;
}

function delimiterOf(line: string): Delimiter {
  const unquoted = line.replaceAll(/"[^"]*"/g, '');
  const count = (delimiter: string): number => unquoted.split(delimiter).length;
  return DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
}
