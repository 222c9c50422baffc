import { mapConcurrent } from '../../../../platform/kernel/map-concurrent.ts';
import type { Moment } from '../../../../platform/kernel/moment.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { Item, PlaceCommand } from '../../domain/input.ts';
import { isOver, type TimeSale } from '../../domain/time-sale/time-sale.ts';
import type { SaleGate } from '../ports.ts';
import type { SoldOutCache } from './sold-out-cache.ts';

/** Time sales of one batch whose gates are read at once. */
const CONCURRENCY = 16;

/**
 * Refuses an order at a sale that this node has read as sold out more than a second ago, and that another node has just found in the same state.
 * The key of the order has to be looked up, as for every refusal by a fact. `trustedUntilMs` is by performance.now().
 */
export async function refusalByGate(
  gate: SaleGate,
  soldOut: Pick<SoldOutCache, 'staleRefusal'>,
  items: Parameters<SoldOutCache['staleRefusal']>[0],
  now: Moment,
): Promise<Refusal | undefined> {
  const stale = soldOut.staleRefusal(items, now);
  if (stale === undefined) return undefined;
  const fact = (await gate.read(stale.timeSaleId, now.atMs))?.soldOut;
  if (fact === undefined || performance.now() >= fact.trustedUntilMs) return undefined;
  return fact.restocks === stale.restocks ? stale.refusal : undefined;
}

/** Reads the gate for the sold-out sales of a batch. Returns how to share what the batch has read of them, which returns at once. */
export async function beforeSalesAreRead(
  gate: SaleGate,
  soldOut: Pick<SoldOutCache, 'has'>,
  commands: readonly Pick<PlaceCommand, 'items'>[],
  readAtMs: number,
): Promise<(sales: Iterable<TimeSale>) => void> {
  const ids = commands.flatMap(({ items }) => items.map(({ timeSaleId }: Item) => timeSaleId));
  const known = [...new Set(ids)].filter((id) => id !== null).filter((id) => soldOut.has(id));
  const times = new Map<bigint, number>();
  await mapConcurrent(known, CONCURRENCY, async (id) => {
    const reading = await gate.read(id, readAtMs);
    if (reading !== undefined) times.set(id, reading.at);
  });
  return (sales) => {
    for (const sale of sales) {
      const at = times.get(sale.id);
      if (at === undefined) continue;
      if (sale.stock > 0) void gate.forget(sale.id);
      else if (!isOver(sale, readAtMs)) void gate.record({ sale, at, readAtMs });
    }
  };
}
