import { beforeEach, describe, expect, it } from 'vitest';
import { type CodeShape, sharedShape } from '../../domain/codes/code.ts';
import { makeCodes, planCodes } from '../../domain/codes/code-plan.ts';
import { NOW_MS, policy } from '../../test/policies.ts';
import { type CodeFinder, codeFinder } from './code-finder.ts';
import type { FoundCode } from './ports.ts';

const planned = planCodes({});
if ('invalid' in planned) throw new Error('the default is no plan');
const { plan } = planned;
let seed = 0;
const random = (size: number) => Uint8Array.from({ length: size }, () => (seed = (seed * 75 + 74) % 65_537));
const [unique] = makeCodes(plan, 1, random);
const code = unique?.code ?? '';
const typo = `${code.slice(0, -1)}${code.endsWith('7') ? '8' : '7'}`;

let nowMs: number;
let stored: Map<string, FoundCode>;
let shapes: CodeShape[];
let queries: { shapes: number; codes: string[][] };
let hold: Promise<void> | undefined;
let finder: CodeFinder;
beforeEach(() => {
  nowMs = NOW_MS;
  stored = new Map([
    ['SUMMER2026', { code: 'SUMMER2026', policy: policy(1n), kind: 'SHARED', redeemed: false }],
    [code, { code, policy: policy(2n), kind: 'UNIQUE', redeemed: false }],
  ]);
  shapes = [plan.shape, sharedShape('SUMMER2026')];
  queries = { shapes: 0, codes: [] };
  hold = undefined;
  finder = codeFinder({
    monotonic: () => nowMs,
    classify: () => 'poison',
    reader: {
      async shapes() {
        queries.shapes += 1;
        const read = [...shapes];
        await hold;
        return read;
      },
      async find(codes) {
        queries.codes.push([...codes]);
        const read = codes.flatMap((each) => stored.get(each) ?? []);
        await hold;
        return read;
      },
    },
  });
});
const policyOf = async (input: string) => (await finder.find(input))?.policy.id;

describe('finding a code', () => {
  it('a code is found in any spelling', async () => {
    expect(await policyOf('summer-2026')).toBe(1n);
    expect(await policyOf(` ${code.toLowerCase()} `)).toBe(2n);
  });

  it('typos are rejected without a look-up', async () => {
    for (let attempt = 0; attempt < 100; attempt++) expect(await policyOf(typo)).toBeUndefined();
    for (const none of ['', '!', 'AUTUMN2026', 'x'.repeat(500)]) expect(await policyOf(none)).toBeUndefined();
    expect(queries).toEqual({ shapes: 1, codes: [] });
  });

  it('codes that arrive together are looked up together, each once', async () => {
    await finder.find(typo);
    const inputs = ['SUMMER2026', 'SUMMER2027', 'SUMMER2026', code];
    expect(await Promise.all(inputs.map(policyOf))).toEqual([1n, undefined, 1n, 2n]);
    expect(queries.codes).toEqual([['SUMMER2026', 'SUMMER2027', code]]);
  });

  it('a shared code is cached for a second, and a unique one is not cached', async () => {
    await finder.find('SUMMER2026');
    stored.clear();
    nowMs += 999;
    expect(await policyOf('SUMMER2026')).toBe(1n);
    expect(await policyOf(code)).toBeUndefined();
    nowMs += 1;
    expect(await policyOf('SUMMER2026')).toBeUndefined();
  });

  it('the shapes are read again after a second and after the clock was set back', async () => {
    expect(await policyOf('AUTUMN2026')).toBeUndefined();
    const autumn: FoundCode = { code: 'AUTUMN2026', policy: policy(3n), kind: 'SHARED', redeemed: false };
    stored.set(autumn.code, autumn);
    shapes.push(sharedShape('AUTUMN2026'));
    nowMs += 999;
    expect(await policyOf('AUTUMN2026')).toBeUndefined();
    nowMs += 1;
    expect(await policyOf('AUTUMN2026')).toBe(3n);
    nowMs -= 5_000;
    await finder.find(typo);
    expect(queries.shapes).toBe(3);
  });

  it('a look-up that began before an invalidation is not cached', async () => {
    await finder.find(typo);
    let answer = () => {};
    hold = new Promise((resolve) => {
      answer = resolve;
    });
    const before = finder.find('SUMMER2026');
    while (queries.codes.length === 0) await new Promise(setImmediate);
    stored.clear();
    finder.invalidate();
    hold = undefined;
    answer();
    expect((await before)?.policy.id).toBe(1n);
    expect(await policyOf('SUMMER2026')).toBeUndefined();
    expect(queries.shapes).toBe(2);
  });
});
