import type { Composed } from '../../src/app/compose.ts';
import { ratioOf, type Spread, spreadOf } from '../support/statistics.ts';
import { filledCode } from './codes.ts';

export interface Table {
  readonly system: Composed;
  readonly codes: number;
}

export interface LookupFigures {
  readonly atOnce: number;
  /** Look-ups a turn. */
  readonly each: number;
  readonly rounds: number;
  /** Microseconds a look-up. */
  readonly fewUs: Spread;
  readonly manyUs: Spread;
  /** Many to few, within each round. */
  readonly ratio: Spread | undefined;
}

/** Looks up random codes in both tables alternately, `atOnce` at the same time. */
export async function compareLookups(few: Table, many: Table, atOnce: number, rounds: number, each: number) {
  const [fewUs, manyUs]: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    const sides = [
      { table: few, into: fewUs },
      { table: many, into: manyUs },
    ];
    for (const { table, into } of round % 2 === 0 ? sides : sides.toReversed()) {
      const us = await measure(table, atOnce, each);
      // The first round warms up.
      if (round >= 0) into.push(us);
    }
  }
  const ratio = ratioOf(manyUs, fewUs);
  return { atOnce, each, rounds, fewUs: spreadOf(fewUs), manyUs: spreadOf(manyUs), ratio } satisfies LookupFigures;
}

async function measure({ system, codes }: Table, atOnce: number, each: number): Promise<number> {
  const typed = Array.from({ length: each }, () => filledCode(1 + Math.floor(Math.random() * codes)));
  const started = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let code = typed[next++]; code !== undefined; code = typed[next++]) {
      const { valid } = await system.contexts.apis.coupon.validateCode({ code });
      if (!valid) throw new Error(`${code} was not found`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return ((performance.now() - started) * 1000) / each;
}
