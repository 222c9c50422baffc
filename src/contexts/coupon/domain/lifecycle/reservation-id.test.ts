import { expect, it } from 'vitest';
import { callerIdOf, originOf, qualifiedId } from './reservation-id.ts';

it.each(['cart-1', 'order:5', 'CUSTOMER:7:x', ':', '한글 1'])(
  'the id %o of a caller is read from its qualified form',
  (id) => {
    const qualified = qualifiedId('SERVICE', 42n, id);
    expect([originOf(qualified), callerIdOf(qualified)]).toEqual(['SERVICE', id]);
  },
);

it('no two callers have the same qualified id, whatever ids they choose', () => {
  const ids = [
    qualifiedId('CUSTOMER', 4n, '2:x'),
    qualifiedId('CUSTOMER', 42n, ':x'),
    qualifiedId('CUSTOMER', 42n, 'x'),
    qualifiedId('SERVICE', 42n, 'x'),
    qualifiedId('CHECKOUT', 42n, 'x'),
    qualifiedId('CUSTOMER', 42n, 'CHECKOUT:42:x'),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});
