import type { HistoryRow, OrderDecision, OrderEvent } from '../../src/contexts/order/domain/decision.ts';
import { statusOf } from '../../src/contexts/order/domain/order.ts';
import type { MemoryOrders } from '../../src/contexts/order/test/memory/order-store.ts';
import type { Kernel } from './kernel.ts';
import { unitProblems } from './unit-problems.ts';

/** What was written, in order, with everything that must hold after every single commit. */
export interface Chronicle {
  write(decision: OrderDecision, state: MemoryOrders): void;
  /** At which step an order, a payment or a refund came to be. */
  bornAt(id: bigint): number;
  factsOf(orderId: bigint): readonly OrderEvent['topic'][];
}

export function chronicle({ steps }: Pick<Kernel, 'steps'>, complain: (problem: string) => void): Chronicle {
  const births = new Map<bigint, number>();
  const versions = new Map<bigint, number>();
  const statuses = new Map<bigint, string>();
  const facts = new Map<bigint, OrderEvent['topic'][]>();

  function follow({ orderId, version, status }: HistoryRow): void {
    const before = versions.get(orderId) ?? 0;
    if (version !== before + 1) complain(`order ${orderId}: version ${version} after ${before}`);
    versions.set(orderId, version);
    const was = statuses.get(orderId);
    if (was !== undefined && was !== status && !(TRANSITIONS[was] ?? []).includes(status)) {
      complain(`order ${orderId} became ${status} out of ${was}`);
    }
    statuses.set(orderId, status);
  }

  return {
    write(decision, state) {
      for (const { id } of [...decision.newOrders, ...decision.newPayments, ...decision.newRefunds])
        births.set(id, steps());
      for (const row of decision.history) follow(row);
      for (const { id, version, state: is } of [...decision.newOrders, ...decision.changedOrders]) {
        const hasData = version === versions.get(id) && statusOf(is) === statuses.get(id);
        if (!hasData) complain(`order ${id} changed without a row of history`);
      }
      for (const fact of decision.events) {
        if (fact.topic === 'timesale.sold_out') continue;
        facts.set(fact.order.id, [...(facts.get(fact.order.id) ?? []), fact.topic]);
      }
      for (const problem of unitProblems(state)) complain(problem);
    },
    bornAt: (id) => births.get(id) ?? Number.POSITIVE_INFINITY,
    factsOf: (orderId) => facts.get(orderId) ?? [],
  };
}

/** How an order may go on, as people see it; what it ended as it stays. */
const TRANSITIONS: Readonly<Record<string, readonly string[]>> = {
  PENDING: ['RESERVED', 'EXPIRED', 'FAILED'],
  RESERVED: ['PAID', 'CANCELLED', 'EXPIRED', 'FAILED'],
  PAID: ['REFUNDED'],
};
