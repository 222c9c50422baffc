import { randomBytes } from 'node:crypto';
import type { Composed } from '../../src/app/compose.ts';
import { makeCodes, planCodes } from '../../src/contexts/coupon/domain/codes/code-plan.ts';

export interface TypoFigures {
  readonly refused: number;
  readonly perSecond: number;
  /** Statements that were sent meanwhile: one a second, for the shapes. */
  readonly statements: number;
}

/** Generated codes with one wrong symbol each, as fast as they are refused, through the context's own operation. */
export async function refuseTypos({ contexts, database }: Composed, count: number): Promise<TypoFigures> {
  const planned = planCodes({});
  if ('invalid' in planned) throw new Error('the default is no plan');
  const typos = makeCodes(planned.plan, count, randomBytes).map(({ shown }) => mistyped(shown));
  let statements = 0;
  const { query } = database.pool;
  database.pool.query = ((...args: unknown[]) => {
    statements += 1;
    return Reflect.apply(query, database.pool, args);
  }) as typeof query;
  const started = performance.now();
  for (const code of typos) {
    const { outcome } = await contexts.apis.coupon.redeemCode({ userId: 7n, code });
    if (outcome?.$case !== 'refusal' || outcome.value.code !== 'COUPON_CODE_NOT_FOUND') {
      throw new Error(`${code} was not refused`);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  database.pool.query = query;
  return { refused: count, perSecond: Math.round(count / seconds), statements };
}

/** The last symbol but one is another one. */
function mistyped(shown: string): string {
  const wrong = shown.at(-2) === '7' ? '8' : '7';
  return `${shown.slice(0, -2)}${wrong}${shown.slice(-1)}`;
}
