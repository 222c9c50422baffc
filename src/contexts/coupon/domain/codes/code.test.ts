import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SYMBOLS, fitsShape, importedShape, normalizeCode, sharedShape } from './code.ts';
import { type CodePlan, makeCodes, planCodes, type RandomBytes } from './code-plan.ts';

const LOOKED_UP_BY = '0123456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** The same bytes for the same seed. */
function seeded(seed: number): RandomBytes {
  let state = seed >>> 0;
  return (size) => {
    const bytes = new Uint8Array(size);
    for (let place = 0; place < size; place++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      bytes[place] = state >>> 24;
    }
    return bytes;
  };
}

function planned(options: Parameters<typeof planCodes>[0] = {}): CodePlan {
  const planned = planCodes(options);
  if ('invalid' in planned) throw new Error(JSON.stringify(planned.invalid));
  return planned.plan;
}

const charsets = fc.subarray([...LOOKED_UP_BY], { minLength: 2 }).map((symbols) => symbols.join(''));
/** A code of any charset with its plan. */
const made = fc.tuple(charsets, fc.stringMatching(/^[A-Z0-9]{0,6}$/), fc.nat()).map(([charset, prefix, seed]) => {
  const plan = planned({ charset, prefix, pattern: '#'.repeat(charset.length < 4 ? 70 : 40) });
  const [code] = makeCodes(plan, 1, seeded(seed));
  if (!code) throw new Error('no code');
  return { plan, ...code };
});
const ofDefault = fc.nat().map((seed) => {
  const plan = planned();
  const [code] = makeCodes(plan, 1, seeded(seed));
  if (!code) throw new Error('no code');
  return { plan, ...code };
});

describe('the normalized code', () => {
  it.each([
    ['abcde-fgh12', 'ABCDEFGH12'],
    [' a b c\t1–2—3_4 ', 'ABC1234'],
    ['iLoO0l1', '1100011'],
    ['ＡＢＣ１２３', 'ABC123'],
    ['SPRING\u200b-\u00ad1\u2060', 'SPR1NG1'],
    ['\u202eabc\u2066\ufeff\u115f\u3164', 'ABC'],
    ['a\u2212b\u2010c\uff0dd\u301ce', 'ABCDE'],
    ['봄맞이 할인-1', '봄맞이할인1'],
    ['\u1107\u1169\u11b7', '봄'],
    ['\u1107\u200b\u1169\u11b7', '봄'],
    ['straße', 'STRASSE'],
    ['caf\u0065\u0301', 'CAFÉ'],
    ['весна1', 'ВЕСНА1'],
    ['abcı', 'ABCı'],
  ])('the normalized code of %j is %s', (typed, expected) => expect(normalizeCode(typed)).toBe(expected));

  it.each([
    '',
    '-_ -',
    '\u200b',
    'abc!',
    'ab\u0000c',
    '\ud83d\ude00',
    '\ud800',
    'sаle',
    'αbc',
    "a'; drop",
    'x'.repeat(101),
    '-'.repeat(500),
  ])('the text %j has no normalized code', (typed) => expect(normalizeCode(typed)).toBeUndefined());

  it('equal codes in any spelling normalize to the same code', () => {
    fc.assert(
      fc.property(made, fc.nat(), ({ code, shown }, choice) => {
        const typed = [...shown]
          .map((char, place) => ((choice >> (place % 30)) & 1 ? char.toLowerCase() : char))
          .join(shown.length < 60 ? '- ' : '');
        expect(normalizeCode(typed)).toBe(code);
        expect(normalizeCode(code)).toBe(code);
      }),
    );
  });
});

describe('a code in any script', () => {
  const letters = fc.string({
    unit: fc.constantFrom(...'aZ9ßſKéñ봄ㅏᆫДαζ漢字ｱ𠀀ıİ', '\u0301', '\u200d', '\u2212', ' '),
    maxLength: 20,
  });

  it('a normalized code normalizes to itself, in any case and with separators between its characters', () => {
    fc.assert(
      fc.property(letters, (typed) => {
        const code = normalizeCode(typed);
        if (code === undefined) return;
        expect(normalizeCode(code)).toBe(code);
        expect(normalizeCode(`\u200b${code}\u2014 `)).toBe(code);
        expect(fitsShape(sharedShape(code), code)).toBe(true);
        expect(sharedShape(code).prefix.isWellFormed()).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a generated code', () => {
  it('a generated code fits its shape with any charset', () => {
    fc.assert(
      fc.property(made, ({ plan, code }) => {
        expect(fitsShape(plan.shape, code)).toBe(true);
      }),
    );
  });

  it('a code with one wrong symbol does not fit', () => {
    fc.assert(
      fc.property(ofDefault, ({ plan, code }) => {
        const typos = [...code].flatMap((right, place) =>
          [...LOOKED_UP_BY]
            .filter((wrong) => wrong !== right)
            .map((wrong) => code.slice(0, place) + wrong + code.slice(place + 1)),
        );
        expect(typos).toHaveLength(code.length * (LOOKED_UP_BY.length - 1));
        expect(typos.filter((typo) => fitsShape(plan.shape, typo))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('a code with two neighbours swapped does not fit', () => {
    fc.assert(
      fc.property(ofDefault, ({ plan, code }) => {
        const swaps = Array.from(
          { length: code.length - 1 },
          (_, place) => code.slice(0, place) + code[place + 1] + code[place] + code.slice(place + 2),
        );
        expect(swaps.filter((swap) => swap !== code && fitsShape(plan.shape, swap))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('wrong symbols and swaps are found with every charset and after every prefix', () => {
    fc.assert(
      fc.property(made, fc.nat(), fc.constantFrom(...LOOKED_UP_BY), ({ plan, code }, choice, wrong) => {
        const place = choice % (code.length - 1);
        const typo = code.slice(0, place) + wrong + code.slice(place + 1);
        const swap = code.slice(0, place) + code[place + 1] + code[place] + code.slice(place + 2);
        expect(fitsShape(plan.shape, typo)).toBe(typo === code);
        expect(fitsShape(plan.shape, swap)).toBe(swap === code);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a code with a symbol more or less does not fit', () => {
    const [{ code } = { code: '' }] = makeCodes(planned(), 1, seeded(1));
    const { shape } = planned();
    expect([
      fitsShape(shape, code.slice(1)),
      fitsShape(shape, code.slice(0, -1)),
      fitsShape(shape, `${code}0`),
    ]).toEqual([false, false, false]);
  });
});

describe('shapes of imported codes', () => {
  it('an imported shape fits its code, and a shared shape little else', () => {
    expect(fitsShape(sharedShape('SUMMER2026'), 'SUMMER2026')).toBe(true);
    expect(fitsShape(sharedShape('SUMMER2026'), 'SUMNER2026')).toBe(true);
    expect(fitsShape(sharedShape('SUMMER2026'), 'WINTER2026')).toBe(false);
    expect(fitsShape(importedShape('ABC123'), 'XYZ789')).toBe(true);
    expect(fitsShape(importedShape('ABC123'), 'XYZ7890')).toBe(false);
  });
});

describe('a plan of codes', () => {
  it('a plan has by default 13 random symbols of 32 and a check symbol', () => {
    expect(planned().shape).toEqual({ prefix: '', symbols: DEFAULT_SYMBOLS, length: 14 });
  });

  it.each([
    [{ pattern: '####-####-####' }, { pattern: expect.stringContaining('takes 14') }],
    [{ charset: '0123456789' }, { pattern: expect.stringContaining('takes 21') }],
    [{ charset: 'AB', pattern: '#'.repeat(65) }, { pattern: expect.stringContaining('takes 66') }],
  ])('a plan that is too short names the length needed for 64 random bits: %j', (options, invalid) => {
    expect(planCodes(options)).toEqual({ invalid });
  });

  it.each([
    [{ charset: 'A' }, 'charset'],
    [{ charset: 'ABCDEF1I' }, 'charset'],
    [{ charset: 'ABCDEa' }, 'charset'],
    [{ charset: 'ABC-' }, 'charset'],
    [{ charset: '' }, 'charset'],
    [{ prefix: '=1+1' }, 'prefix'],
    [{ prefix: '-A' }, 'prefix'],
    [{ prefix: 'A'.repeat(21) }, 'prefix'],
    [{ pattern: '' }, 'pattern'],
    [{ pattern: '-##############' }, 'pattern'],
    [{ pattern: 'X##############' }, 'pattern'],
    [{ pattern: '#'.repeat(81) }, 'pattern'],
  ])('the plan of codes %j is refused', (options, field) => {
    expect(planCodes(options)).toEqual({ invalid: { [field]: expect.any(String) } });
  });

  it('the length that a plan requires gives at least 64 bits', () => {
    fc.assert(
      fc.property(charsets, (charset) => {
        const refused = planCodes({ charset, pattern: '#' });
        const [, needed = '0'] =
          /takes (\d+)/.exec('invalid' in refused ? (refused.invalid['pattern'] ?? '') : '') ?? [];
        const bits = (Number(needed) - 1) * Math.log2(charset.length);
        expect(bits).toBeGreaterThanOrEqual(64);
        expect(bits).toBeLessThan(64 + 1 + Math.log2(charset.length));
        expect(planCodes({ charset, pattern: '#'.repeat(Number(needed)) })).toHaveProperty('plan');
      }),
    );
  });
});

describe('making codes', () => {
  it('generated codes have the requested prefix, pattern and symbols', () => {
    const plan = planned({ prefix: 'Vip-', pattern: '####-####-####-####-####', charset: 'io23456789abcdefgh' });
    for (const { code, shown } of makeCodes(plan, 200, seeded(7))) {
      expect(shown).toMatch(/^Vip-[io2-9a-h]{4}(-[io2-9a-h]{4}){4}$/);
      expect(normalizeCode(shown)).toBe(code);
    }
  });

  it('the requested number of distinct codes is generated, even when random draws repeat', () => {
    let call = 0;
    const repeating: RandomBytes = (size) => seeded(Math.floor(call++ / 3))(size);
    const codes = makeCodes(planned(), 2_000, repeating).map(({ code }) => code);
    expect(new Set(codes).size).toBe(2_000);
  });

  it('each symbol is drawn equally often', () => {
    const counts = new Map<string, number>();
    const codes = makeCodes(planned({ charset: 'ABCDEFGHJK', pattern: '#'.repeat(21) }), 5_000, seeded(3));
    for (const { code } of codes) for (const symbol of code) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    const expected = (5_000 * 21) / 10;
    for (const count of counts.values()) expect(Math.abs(count - expected) / expected).toBeLessThan(0.05);
    expect(counts.size).toBe(10);
  });
});
