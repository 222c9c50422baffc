import type { DeliveryOf, Handler } from '../../../../platform/events/bus.ts';
import { parseId } from '../../../../platform/kernel/id-text.ts';
import type { StoreEvents } from '../../../store/api.ts';
import type { RefusalCache } from '../issue/refusal-cache.ts';
import type { StoreClosings } from './ports.ts';

/** The consumer group of closed stores. */
export const CLOSINGS_CONSUMER = 'coupon.closed-stores';
export const CLOSING_TOPICS = ['store.closed'] as const satisfies readonly (keyof StoreEvents)[];
type ClosingEvent = DeliveryOf<StoreEvents, (typeof CLOSING_TOPICS)[number]>;

/** Policies per transaction: their issuing waits for a few milliseconds. */
const BATCH = 200;

/**
 * Ends the policies of a store that was closed or deleted. A repeated or late event is harmless without an inbox: it ends the policies that
 * were bound to the store before that closing, and no later ones.
 */
export const onStoreClosed =
  (closings: StoreClosings, refusalCache: Pick<RefusalCache, 'invalidate'>): Handler<ClosingEvent> =>
  async (batch) => {
    for (const delivery of batch) {
      const { storeId, version } = closingOf(delivery);
      await closings.record(storeId, version);
      let isMore = true;
      while (isMore) {
        const ended = await closings.endPolicies(storeId, version, BATCH);
        for (const policyId of ended) refusalCache.invalidate(policyId);
        isMore = ended.length > 0;
      }
    }
  };

function closingOf({ topic, event }: ClosingEvent): { readonly storeId: bigint; readonly version: number } {
  const { storeId: text, version } = event.data;
  const storeId = parseId(text);
  if (storeId === undefined) throw new Error(`an event of ${topic} names no store`);
  return { storeId, version };
}
