import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { NoticeFact } from '../../domain/notice-fact.ts';
import { type PackedFacts, packFacts, unpackFacts } from './packed-facts.ts';

const stored = (facts: readonly NoticeFact[]): string => JSON.stringify(packFacts(facts));
const read = (json: string): readonly NoticeFact[] => unpackFacts(JSON.parse(json) as PackedFacts);

const text = fc.string({ maxLength: 3 });
const userId = fc.bigInt({ min: 1n, max: 3n }).map(String);
const key = fc.constantFrom('couponId', 'amount', 'count', '__proto__x', 'data');
const fact: fc.Arbitrary<NoticeFact> = fc.oneof(
  fc.record({
    what: fc.constant('NOTICE' as const),
    userId,
    kind: fc.constantFrom('COUPON_ISSUED' as const, 'ORDER_PAID' as const),
    subject: text,
    day: fc.constantFrom('2035-01-01', '2035-01-02'),
    data: fc.dictionary(key, text, { maxKeys: 3 }),
  }),
  fc.record({
    what: fc.constant('DROP' as const),
    userId,
    kind: fc.constant('COUPON_EXPIRING' as const),
    subject: text,
  }),
  fc.record({ what: fc.constant('FORGET' as const), userId }),
);

it('facts that were packed and stored are read as they were, in their order', () => {
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 30 }), (facts) => {
      expect(read(stored(facts))).toEqual(facts);
    }),
    { numRuns: 1_000 },
  );
});

it('the facts of a rush take a quarter of the space', () => {
  const facts = Array.from({ length: 1_000 }, (_, place): NoticeFact => {
    const couponId = String(7_330_011_234_567_890n + BigInt(place));
    const data = {
      couponId,
      policyId: '7330011234560000',
      couponName: 'Opening day',
      expiresAt: '2035-02-01T00:00:00.000Z',
    };
    const userId = String(1_000_000_000_000 + place);
    return { what: 'NOTICE', userId, kind: 'COUPON_ISSUED', subject: couponId, day: '2035-01-01', data };
  });
  expect(stored(facts).length).toBeLessThan(JSON.stringify(facts).length / 4);
});
