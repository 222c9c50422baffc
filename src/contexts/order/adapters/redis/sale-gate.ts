import type { FactKeys, SharedFacts } from '../../../../platform/redis/facts/shared-facts.ts';
import type { SaleGate } from '../../application/ports.ts';

/** The gate in Redis: `timesale:stock:{timeSaleId}` is the fact that a time sale has no units. */
export function redisSaleGate(facts: SharedFacts): SaleGate {
  return {
    async read(timeSaleId, nowMs) {
      const reading = await facts.read(keysOf(timeSaleId), [], nowMs);
      if (reading === undefined) return undefined;
      const { at, fact } = reading;
      return { at, soldOut: fact && { restocks: fact.epoch, trustedUntilMs: fact.trustedUntilMs } };
    },
    async record({ sale, at, readAtMs }) {
      const fact = { at, readAtMs, epoch: sale.restocks, sequence: 0, untilMs: sale.endsAtMs };
      await facts.record(keysOf(sale.id), fact);
    },
    forget: (timeSaleId) => facts.forget(keysOf(timeSaleId)),
  };
}

const keysOf = (timeSaleId: bigint): FactKeys => ({ fact: `timesale:stock:{${timeSaleId}}` });
