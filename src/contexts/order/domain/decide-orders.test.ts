import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventCheck } from '../../../platform/events/check.ts';
import { expand } from '../../../platform/events/expand.ts';
import { PAYMENT_EVENTS } from '../../payment/api.ts';
import { orderEvents } from '../application/order-events.ts';
import { ORDER_EVENTS } from '../events.ts';
import { expectConsistent } from '../test/expect-consistent.ts';
import { history, NOW_MS, world } from '../test/histories.ts';
import type { OrderDecision } from './decision.ts';

const RUNS = { numRuns: 200 };

describe('the decisions on orders', () => {
  it('every unit and every won is in one place after any history of orders', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const here = world();
        let nowMs = NOW_MS;
        for (const [passedMs, asks] of batches) {
          nowMs += passedMs;
          await here.run(here.commandsOf(asks), nowMs, []);
          expectConsistent(here);
        }
      }),
      RUNS,
    );
  });

  it('orders are decided the same however the commands are split into batches', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(fc.nat(20), { maxLength: 5 }), async (batches, cuts) => {
        const [whole, split] = [world(), world()];
        let nowMs = NOW_MS;
        for (const [passedMs, asks] of batches) {
          nowMs += passedMs;
          const commands = whole.commandsOf(asks);
          expect(await split.run(commands, nowMs, cuts)).toEqual(await whole.run(commands, nowMs, []));
          expect(split.state).toEqual(whole.state);
        }
        const historyOf = (decisions: readonly OrderDecision[]) => decisions.flatMap((decision) => decision.history);
        expect(historyOf(split.decisions)).toEqual(historyOf(whole.decisions));
      }),
      RUNS,
    );
  });

  it('the restocks of a time sale count how often units came back to it while it was sold out', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const here = world();
        const sales = () => [...here.state.timeSales.values()];
        let nowMs = NOW_MS;
        for (const [passedMs, asks] of batches) {
          nowMs += passedMs;
          for (const command of here.commandsOf(asks)) {
            const before = sales();
            await here.run([command], nowMs, []);
            const expected = before.map(({ stock, restocks }, index) => {
              const cameBack = stock === 0 && (sales()[index]?.stock ?? 0) > 0;
              seen += cameBack ? 1 : 0;
              return restocks + (cameBack ? 1 : 0);
            });
            expect(sales().map(({ restocks }) => restocks)).toEqual(expected);
          }
        }
      }),
      RUNS,
    );
    expect(seen).toBeGreaterThan(0);
  });

  it('orders publish the events of the catalogue, in the order of their changes', async () => {
    const check = eventCheck({ ...ORDER_EVENTS, ...PAYMENT_EVENTS });
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const here = world();
        let nowMs = NOW_MS;
        for (const [passedMs, asks] of batches) {
          nowMs += passedMs;
          await here.run(here.commandsOf(asks), nowMs, []);
        }
        for (const decision of here.decisions) {
          const deliveries = expand('1', new Date(decision.nowMs), orderEvents(decision));
          expect(deliveries.map((delivery) => check.outgoing(delivery)).filter(Boolean)).toEqual([]);
          const keyOf = (fact: OrderDecision['events'][number]) =>
            String('order' in fact ? fact.order.id : fact.timeSale.id);
          for (const key of new Set(decision.events.map(keyOf))) {
            expect(deliveries.filter((delivery) => delivery.key === key).map(({ topic }) => topic)).toEqual(
              decision.events.filter((fact) => keyOf(fact) === key).map(({ topic }) => topic),
            );
          }
        }
      }),
      RUNS,
    );
  });
});
