import type { Check } from '../check.ts';
import type { History } from '../history.ts';
import type { OrderData } from '../order-response.ts';
import { type Bought, type BuyerOutcome, isBought } from './buyer-profile.ts';
import { SALE_PRICE } from './open-time-sale.ts';
import type { StoredSale } from './stored-sale.ts';

/** The units of the sale. Every user orders one. */
export interface Offer {
  readonly units: number;
  readonly users: number;
  readonly limitPerUser: number;
}

/** Compares the responses with the expected outcome and with the stored data. */
export function checkSale({ outcomes }: History<OrderData>, stored: StoredSale, offer: Offer): readonly Check[] {
  const bought = outcomes.filter(isBought);
  return [
    exactCount(bought, stored, Math.min(offer.units, offer.users * offer.limitPerUser), offer.units),
    withinLimit(stored, offer.limitPerUser),
    limitOnlyForOwners(outcomes, bought),
    everyAcknowledgedStored(bought, stored),
    noneAfterSoldOut(outcomes, bought),
  ];
}

function exactCount(bought: readonly Bought[], stored: StoredSale, expected: number, units: number): Check {
  const reserved = stored.orders.filter(({ status }) => status === 'RESERVED').length;
  const ok =
    [bought.length, reserved, stored.orders.length, stored.reserved].every((count) => count === expected) &&
    stored.stock === units - expected;
  return {
    name: 'exactly the available units',
    ok,
    detail: `${bought.length} acknowledged, ${reserved} RESERVED, ${expected} due, ${stored.stock} left`,
  };
}

function withinLimit({ orders }: StoredSale, limitPerUser: number): Check {
  const unitsOf = new Map<string, number>();
  for (const { userId, quantity } of orders) unitsOf.set(userId, (unitsOf.get(userId) ?? 0) + quantity);
  const most = [...unitsOf.values()].reduce((high, units) => Math.max(high, units), 0);
  return {
    name: `no user above ${limitPerUser}`,
    ok: most <= limitPerUser,
    detail: `${unitsOf.size} users, at most ${most} each`,
  };
}

/** A user who was refused by the limit has an order. */
function limitOnlyForOwners(outcomes: readonly BuyerOutcome[], bought: readonly Bought[]): Check {
  const owners = new Set(bought.map(({ user }) => user));
  const refused = outcomes.filter(({ code }) => code === 'PURCHASE_LIMIT_EXCEEDED');
  const wrong = refused.filter(({ user }) => !owners.has(user)).length;
  return {
    name: 'only users with an order are refused by the limit',
    ok: wrong === 0,
    detail: `${refused.length} refused, ${wrong} of them without one`,
  };
}

function everyAcknowledgedStored(bought: readonly Bought[], { orders }: StoredSale): Check {
  const byId = new Map(orders.map((order) => [order.id, order]));
  const wrong = bought.filter(({ user, data }) => {
    const order = byId.get(data.orderId);
    return (
      order?.userId !== user ||
      order.status !== data.status ||
      order.unitPrice !== SALE_PRICE ||
      order.quantity * order.unitPrice !== data.total
    );
  });
  const [example] = wrong;
  const detail = example
    ? `${wrong.length} differ from their response, such as order ${example.data.orderId}`
    : `${bought.length} stored as in their response`;
  return { name: 'every acknowledged order in the database, at the sale price', ok: wrong.length === 0, detail };
}

/** No unit is returned during a rush: a request that was sent after a sold-out response must not succeed. */
function noneAfterSoldOut(outcomes: readonly BuyerOutcome[], bought: readonly Bought[]): Check {
  const soldOutMs = outcomes.reduce(
    (early, { code, respondedMs }) => (code === 'OUT_OF_STOCK' ? Math.min(early, respondedMs) : early),
    Number.POSITIVE_INFINITY,
  );
  const late = bought.filter(({ firstSentMs }) => firstSentMs > soldOutMs).length;
  return { name: 'no order sent after a sold-out response succeeded', ok: late === 0, detail: `${late} overtook` };
}
