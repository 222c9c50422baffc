import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redemptionCodes } from './redemption-codes.ts';

const [NEW, OLD] = ['new-secret-new-secret-new-secret-', 'old-secret-old-secret-old-secret-'];
const anyId = fc.bigInt(1n, 2n ** 63n - 1n);

describe('redemption codes', () => {
  it('the code of a coupon is the same on every node with the secret, and reading it returns its id', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const code = redemptionCodes([NEW]).codeOf(id);
        expect(redemptionCodes([NEW]).codeOf(id)).toBe(code);
        expect(redemptionCodes([NEW]).couponIdsOf(code.toLowerCase())).toEqual([id]);
      }),
    );
  });

  it('the code of an id and a secret never changes, because codes may be printed', () => {
    const codes = redemptionCodes([NEW]);
    expect([1n, 7_330_011_234_567_891n, 2n ** 63n - 1n].map(codes.codeOf)).toMatchInlineSnapshot(`
      [
        "W556W-3DR24-8138",
        "A745Q-CTADR-AMVF",
        "5MW90-A5X7G-P4AT",
      ]
    `);
  });

  it('while a secret is replaced, codes of both are read and the new one makes them', () => {
    const both = redemptionCodes([NEW, OLD]);
    fc.assert(
      fc.property(anyId, (id) => {
        expect(both.codeOf(id)).toBe(redemptionCodes([NEW]).codeOf(id));
        expect(both.couponIdsOf(redemptionCodes([OLD]).codeOf(id))).toContain(id);
        expect(both.couponIdsOf(both.codeOf(id))[0]).toBe(id);
      }),
    );
  });

  it('the code of another secret is not the code of the same coupon', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        expect(redemptionCodes([NEW]).couponIdsOf(redemptionCodes([OLD]).codeOf(id))).not.toContain(id);
      }),
    );
  });

  it('the codes of neighbouring ids have about as many equal symbols as random codes', () => {
    const codes = redemptionCodes([NEW]);
    const text = (id: number) => codes.codeOf(BigInt(id)).replaceAll('-', '');
    let equal = 0;
    for (let id = 1; id <= 2_000; id++) {
      const [one, next] = [text(id), text(id + 1)];
      equal += [...one].filter((symbol, place) => symbol === next.charAt(place)).length;
    }
    // 2,000 pairs of 14 symbols, of which one in 32 is equal by chance: 875, with a standard deviation of 29.
    expect(equal).toBeGreaterThan(700);
    expect(equal).toBeLessThan(1_050);
  });

  it('a start without a secret fails', () => {
    expect(() => redemptionCodes([])).toThrow('need a secret');
  });
});
