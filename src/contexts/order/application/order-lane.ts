import { createLane } from '../../../platform/batching/lane.ts';
import type { Failure, LaneObserver } from '../../../platform/batching/lane-observer.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import type { OrderCommand } from '../domain/command.ts';
import type { OrderOutcome } from '../domain/decision.ts';
import { decideOrders } from '../domain/orders.ts';
import type { TimeSale } from '../domain/time-sale.ts';
import type { OrderStore } from './ports.ts';
import type { SoldOutMemory } from './sold-out-memory.ts';

export interface OrderLaneDeps {
  readonly store: OrderStore;
  readonly soldOut: Pick<SoldOutMemory, 'saw'>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** How long an order may stay unpaid. */
  readonly reservationMs: number;
  /** How many orders that are neither paid nor ended a user may have. */
  readonly openOrdersMax: number;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (lane: string) => LaneObserver;
  readonly groupMax: number;
}

/** Everything that changes orders, and the stock that they take, goes through here. */
export interface OrderLane {
  /** Rejects with Unavailable as lanes do. */
  submit(command: OrderCommand): Promise<OrderOutcome>;
  /** Resolves when nothing is queued or under way. */
  stop(): Promise<void>;
}

/** The next group is on its way to PostgreSQL while this node still answers the one before. */
const FLIGHTS_MAX = 2;

/** What goes on with an order, or ends it, goes before what begins one; paying begins something, too. */
const priorityOf = (command: OrderCommand) =>
  command.kind === 'PLACE' || command.fact.kind === 'PAY' ? 'normal' : 'urgent';

export function orderLane(deps: OrderLaneDeps): OrderLane {
  const { store, soldOut, clock, nextId, reservationMs, openOrdersMax, classify, observer, groupMax } = deps;

  async function execute(group: readonly OrderCommand[]): Promise<readonly OrderOutcome[]> {
    const readAtMs = clock();
    let before: ReadonlyMap<bigint, TimeSale> = new Map();
    const decision = await store.changeGroup(group, (seen, nowMs) => {
      before = seen.timeSales;
      return decideOrders(seen, group, { nowMs, nextId, reservationMs, openOrdersMax });
    });
    // Also those that the group left as they were: nothing else says that a sale is still sold out.
    soldOut.saw(before.values(), readAtMs);
    soldOut.saw(decision.timeSales, readAtMs);
    return decision.outcomes;
  }

  const name = 'order.orders';
  const lane = createLane({
    name,
    execute,
    classify,
    groupMax,
    flightsMax: FLIGHTS_MAX,
    observer: observer(name),
  });

  return {
    submit: (command) => lane.submit(command, priorityOf(command)),
    stop: () => lane.drain(),
  };
}
