import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SYMBOLS } from './code.ts';
import { readRedemptionCode, writeRedemptionCode } from './redemption-code.ts';

const number = fc.bigInt(0n, 2n ** 65n - 1n);
const withoutDashes = (code: string): string => code.replaceAll('-', '');
const codes = number.map((value) => withoutDashes(writeRedemptionCode(value)));
const replaced = (code: string, place: number, symbol: string): string =>
  code.slice(0, place) + symbol + code.slice(place + 1);

describe('a redemption code', () => {
  it.each([
    [0n, '00000-00000-0000'],
    [1n, '00000-00000-0012'],
    [2n ** 65n - 1n, 'ZZZZZ-ZZZZZ-ZZZE'],
    [7_330_011_234_567_891n, '006GA-KCXXC-1PKF'],
  ])('of %i is %s', (value, code) => {
    expect(writeRedemptionCode(value)).toBe(code);
    expect(readRedemptionCode(code)).toBe(value);
  });

  it('has 14 symbols, and reading it returns its number', () => {
    fc.assert(
      fc.property(number, (value) => {
        const code = writeRedemptionCode(value);
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{4}$/);
        expect(readRedemptionCode(code)).toBe(value);
      }),
    );
  });

  it('is read in any case, with spaces, with any dashes and with look-alikes', () => {
    const code = writeRedemptionCode(2n ** 64n + 1_234_567n);
    const lookAlikes = code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
    for (const typed of [withoutDashes(code), code.toLowerCase(), ` ${code.replaceAll('-', ' – ')} `, lookAlikes]) {
      expect([typed, readRedemptionCode(typed)]).toEqual([typed, 2n ** 64n + 1_234_567n]);
    }
  });

  it('is not read with any one symbol replaced', () => {
    fc.assert(
      fc.property(codes, (code) => {
        for (let place = 0; place < code.length; place++) {
          for (const symbol of DEFAULT_SYMBOLS) {
            const typed = replaced(code, place, symbol);
            if (typed !== code) expect([typed, readRedemptionCode(typed)]).toEqual([typed, undefined]);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is not read with any two symbols swapped, neighbours or not', () => {
    fc.assert(
      fc.property(codes, (code) => {
        for (let one = 0; one < code.length; one++) {
          for (let other = one + 1; other < code.length; other++) {
            const typed = replaced(replaced(code, one, code.charAt(other)), other, code.charAt(one));
            if (typed !== code) expect([typed, readRedemptionCode(typed)]).toEqual([typed, undefined]);
          }
        }
      }),
    );
  });

  it.each(['', '0', '00000-00000-000', '00000-00000-00000', 'UUUUU-UUUUU-UUUU', '쿠폰'.repeat(7), '0'.repeat(500)])(
    'is not read from %j',
    (typed) => {
      expect(readRedemptionCode(typed)).toBeUndefined();
    },
  );
});
