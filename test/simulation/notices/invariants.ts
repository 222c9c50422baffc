import { KINDS, type Kind } from '../../../src/contexts/notification/domain/kinds.ts';
import { marketingProblems } from './marketing.ts';
import type { World } from './processes.ts';

/** What must hold when everything has recovered and nothing is due. */
export function problemsIn(world: World): readonly string[] {
  return [
    ...repeatedMails(world),
    ...missingOrders(world),
    ...wrongInboxes(world),
    ...leftOvers(world),
    ...marketingProblems(world),
  ];
}

/** Reminders and marketing leave at most once for each user, kind, subject and day. */
function repeatedMails({ mail: { arrivals } }: World): readonly string[] {
  const once = arrivals.filter(({ kind }) => !('isMailRepeated' in KINDS[kind as Kind]));
  return [...Map.groupBy(once, ({ key }) => key)]
    .filter(([, { length }]) => length > 1)
    .map(([key, { length }]) => `${key} arrived ${length} times`);
}

/** The mail of an order arrives, unless its user has deleted the account. */
function missingOrders({ shop, mail: { arrivals } }: World): readonly string[] {
  const arrived = new Set(arrivals.filter(({ kind }) => kind === 'ORDER_PAID').map(({ subject }) => subject));
  return [...shop.orders]
    .filter(([orderId, userId]) => !shop.isDeleted(userId) && !arrived.has(orderId))
    .map(([orderId]) => `the mail of order ${orderId} did not arrive`);
}

/** An inbox has the numbers from 1 to its last one without those that were dropped, each once, and its orders. */
function wrongInboxes({ tables, shop }: World): readonly string[] {
  const problems: string[] = [];
  for (const [userId, own] of Map.groupBy(tables.notices.values(), ({ userId }) => userId)) {
    const numbers = own.map(({ number }) => number);
    if (new Set(numbers).size !== numbers.length) problems.push(`a number of user ${userId} was given twice`);
    if (numbers.some((number) => number > (tables.lastNumbers.get(userId) ?? 0n)))
      problems.push(`a number of user ${userId} is above the last one`);
  }
  const subjects = new Set([...tables.notices.values()].map(({ kind, subject }) => `${kind} ${subject}`));
  for (const [orderId, userId] of shop.orders)
    if (!shop.isDeleted(userId) && !subjects.has(`ORDER_PAID ${orderId}`))
      problems.push(`the inbox has no notice of order ${orderId}`);
  for (const couponId of shop.used)
    if (subjects.has(`COUPON_EXPIRING ${couponId}`))
      problems.push(`coupon ${couponId} was used, and its reminder is there`);
  return problems;
}

/** Nothing is kept of a user who has deleted the account. */
function leftOvers({ tables, shop }: World): readonly string[] {
  return [...tables.notices.values(), ...tables.deliveries.values()]
    .filter(({ userId }) => shop.isDeleted(userId))
    .map(({ userId, kind }) => `user ${userId} deleted the account, and a ${kind} is kept`);
}
