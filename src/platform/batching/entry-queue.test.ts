import fc from 'fast-check';
import { expect, it } from 'vitest';
import { entryQueue } from './entry-queue.ts';

it('an entry queue returns its entries in the order in which they were pushed', () => {
  const step = fc.oneof(fc.record({ push: fc.nat(9_000) }), fc.record({ take: fc.nat(9_000) }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queue = entryQueue<number>();
      let pushed = 0;
      let taken = 0;
      for (const each of steps) {
        if ('push' in each) {
          for (let n = 0; n < each.push; n++) queue.push(pushed++);
        } else {
          const into: number[] = [-1];
          queue.take(each.take, into);
          expect(into[0]).toBe(-1);
          expect(into.length - 1).toBe(Math.min(each.take, pushed - taken));
          for (const entry of into.slice(1)) if (entry !== taken++) expect.fail(`${entry} instead of ${taken - 1}`);
        }
        expect(queue.size()).toBe(pushed - taken);
        expect(queue.peek()).toBe(pushed === taken ? undefined : taken);
      }
    }),
    { numRuns: 60 },
  );
});
