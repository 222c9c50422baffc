import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ff1 } from './ff1.ts';

const KEY_128 = '2B7E151628AED2A6ABF7158809CF4F3C';
const KEY_192 = '2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F';
const KEY_256 = '2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94';
const TWEAK_10 = '39383736353433323130';
const TWEAK_36 = '3737373770717273373737';
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

const numberOf = (text: string, radix: number): bigint =>
  [...text].reduce((sum, symbol) => sum * BigInt(radix) + BigInt(Number.parseInt(symbol, radix)), 0n);
const textOf = (value: bigint, radix: number, length: number): string => value.toString(radix).padStart(length, '0');

describe('FF1', () => {
  it.each<[sample: number, key: string, radix: number, tweak: string, plain: string, encrypted: string]>([
    [1, KEY_128, 10, '', '0123456789', '2433477484'],
    [2, KEY_128, 10, TWEAK_10, '0123456789', '6124200773'],
    [3, KEY_128, 36, TWEAK_36, '0123456789abcdefghi', 'a9tv40mll9kdu509eum'],
    [4, KEY_192, 10, '', '0123456789', '2830668132'],
    [5, KEY_192, 10, TWEAK_10, '0123456789', '2496655549'],
    [6, KEY_192, 36, TWEAK_36, '0123456789abcdefghi', 'xbj3kv35jrawxv32ysr'],
    [7, KEY_256, 10, '', '0123456789', '6657667009'],
    [8, KEY_256, 10, TWEAK_10, '0123456789', '1001623463'],
    [9, KEY_256, 36, TWEAK_36, '0123456789abcdefghi', 'xs8a0azh2avyalyzuwd'],
  ])('sample %i of NIST for SP 800-38G is encrypted and decrypted', (_, key, radix, tweak, plain, encrypted) => {
    const { length } = plain;
    const permutation = ff1({ key: hex(key), radix, length, tweak: hex(tweak) });
    expect(textOf(permutation.encrypt(numberOf(plain, radix)), radix, length)).toBe(encrypted);
    expect(textOf(permutation.decrypt(numberOf(encrypted, radix)), radix, length)).toBe(plain);
  });

  it('every number of a small domain is the image of exactly one', () => {
    const permutation = ff1({ key: hex(KEY_256), radix: 10, length: 3 });
    const images = Array.from({ length: 1_000 }, (_, value) => permutation.encrypt(BigInt(value)));
    expect(new Set(images).size).toBe(1_000);
    expect(images.every((image) => image >= 0n && image < 1_000n)).toBe(true);
    expect(images.map((image) => permutation.decrypt(image))).toEqual(images.map((_, value) => BigInt(value)));
  });

  it('decrypting what was encrypted returns every number of 65 bits', () => {
    const permutation = ff1({ key: hex(KEY_256), radix: 32, length: 13 });
    const value = fc.bigInt(0n, 2n ** 65n - 1n);
    fc.assert(
      fc.property(value, (plain) => {
        expect(permutation.decrypt(permutation.encrypt(plain))).toBe(plain);
        expect(permutation.encrypt(permutation.decrypt(plain))).toBe(plain);
      }),
    );
  });

  it('a number outside the permutation, and texts that are too long, are refused', () => {
    const permutation = ff1({ key: hex(KEY_128), radix: 10, length: 4 });
    for (const outside of [-1n, 10_000n]) {
      expect(() => permutation.encrypt(outside)).toThrow(RangeError);
      expect(() => permutation.decrypt(outside)).toThrow(RangeError);
    }
    expect(() => ff1({ key: hex(KEY_128), radix: 10, length: 80 })).toThrow(RangeError);
  });
});
