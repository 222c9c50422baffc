import { expect, it } from 'vitest';
import { joinTables } from './join-tables.ts';

it('the tables of several owners become one', () => {
  const joined = joinTables([
    ['coupon', { ENDED: 1 }],
    ['payment', {}],
    ['order', { EXPIRED: 2, GONE: 3 }],
  ]);
  expect(joined).toEqual({ ENDED: 1, EXPIRED: 2, GONE: 3 });
});

it('a name that two owners declare is an error that names both, even when they say the same of it', () => {
  const join = () =>
    joinTables([
      ['coupon', { ENDED: 1 }],
      ['order', { ENDED: 1 }],
    ]);
  expect(join).toThrow('ENDED is declared by coupon and by order');
});
