import { changeTimeSale, stopTimeSale } from '../../../src/contexts/order/domain/time-sale/change-time-sale.ts';
import { MINUTE_MS } from '../../../src/platform/kernel/durations.ts';
import { isRefusal } from '../../../src/platform/kernel/refusal.ts';
import { unitsHeld } from './invariants.ts';
import type { SaleWorld } from './world.ts';

/** Changes a time sale meanwhile: more units or fewer, another limit or end. */
export async function administer({ kernel, postgres, state, history }: SaleWorld): Promise<void> {
  const { chance } = kernel;
  await kernel.until(postgres, kernel.clock() + chance.below(chance.of([600, 3_000])), '');
  const sale = chance.of([...state.timeSales.values()]);
  const product = state.products.get(sale.productId);
  if (!product) throw new Error(`there is no product ${sale.productId}`);
  const nowMs = kernel.clock();
  const edits = {
    restock: () => ({ quantity: sale.quantity + chance.between(1, 2) }),
    shrink: () => ({ quantity: Math.max(1, sale.quantity - 1) }),
    limit: () => ({ limitPerUser: chance.between(1, 3) }),
    end: () => ({ endsAtMs: nowMs + chance.of([1_000, 5 * MINUTE_MS]) }),
  };
  const what = chance.weighted({ restock: 6, shrink: 2, limit: 1, end: 1, stop: 1 });
  const changed =
    what === 'stop' ? stopTimeSale(product, sale, nowMs) : changeTimeSale(product, sale, edits[what](), nowMs);
  if (isRefusal(changed)) return;
  kernel.say('administrator', () => `changes time sale ${sale.id}: ${what}`);
  state.products.set(product.id, changed.product);
  state.timeSales.set(sale.id, changed.timeSale);
  history.record(state, unitsHeld(state));
}
