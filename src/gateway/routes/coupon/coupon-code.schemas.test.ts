import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { codesCsv } from './coupon-code.schemas.ts';

const PAGES = 200;
const page = (number: number) => ({
  codes: Array.from({ length: 100 }, (_, index) => ({
    code: `PAGE-${number}-${index}`,
    redeemedAt: undefined,
    userId: undefined,
  })),
  nextCursor: number + 1 < PAGES ? String(number + 1) : undefined,
});

describe('the export of codes', () => {
  it('the export of codes reads a page only after the pages before it were sent', async () => {
    let read = 1;
    const next = async (cursor: string) => {
      read += 1;
      return page(Number(cursor));
    };
    const file = Readable.from(codesCsv(page(0), next, undefined));
    let written = '';
    let release: (() => void) | undefined;
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        release = done;
      },
    });
    const whole = pipeline(file, slow);
    const ahead: number[] = [];
    while (read < PAGES) {
      await sleep(0);
      ahead.push(read - written.split('\r\n').length / 100);
      release?.();
    }
    // What a stream keeps on its way: a page that is read, one that waits, one that is being written.
    expect(Math.max(...ahead)).toBeLessThan(4);
    const rest = setInterval(() => release?.(), 1);
    await whole;
    clearInterval(rest);
    expect(written.trimEnd().split('\r\n')).toHaveLength(1 + PAGES * 100);
  });
});
