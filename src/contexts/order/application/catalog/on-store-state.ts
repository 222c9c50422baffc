import type { DeliveryOf, Handler } from '../../../../platform/events/bus.ts';
import { parseId } from '../../../../platform/kernel/id-text.ts';
import type { StoreEvents } from '../../../store/api.ts';
import type { StoreState, StoreStates } from './ports.ts';

/** The consumer group of stores that open and close. */
export const STORES_CONSUMER = 'order.stores';
export const STORE_TOPICS = ['store.opened', 'store.closed'] as const satisfies readonly (keyof StoreEvents)[];
type StoreEvent = DeliveryOf<StoreEvents, (typeof STORE_TOPICS)[number]>;

/** Products of one transaction. Their orders wait for it, a few milliseconds. */
const BATCH = 200;

/**
 * Takes the products of a closed or deleted store off sale, and puts them back when it opens again. It needs no inbox: the state of the
 * newest version counts, so a repeated or late event changes nothing.
 */
export const onStoreState =
  (states: StoreStates): Handler<StoreEvent> =>
  async (batch) => {
    for (const delivery of batch) {
      const state = stateOf(delivery);
      await states.record(state);
      let isMore = true;
      while (isMore) isMore = (await states.applyToProducts(state.storeId, BATCH)) === BATCH;
    }
  };

function stateOf({ topic, event }: StoreEvent): StoreState {
  const { storeId: text, version } = event.data;
  const storeId = parseId(text);
  if (storeId === undefined) throw new Error(`an event of ${topic} names no store`);
  return { storeId, version, closed: topic === 'store.closed' };
}
