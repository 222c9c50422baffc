import { adminOf } from '../admin.ts';
import type { OrderData } from '../order-response.ts';
import { type Rush, type RushContext, sinceSent, sinceStart } from '../rush.ts';
import { type BuyerOutcome, buyerProfile, isBought } from './buyer-profile.ts';
import { checkSale } from './checks.ts';
import { openTimeSale } from './open-time-sale.ts';
import { readSale } from './stored-sale.ts';

const LIMIT_PER_USER = 1;
const isSoldOut = ({ code }: BuyerOutcome): boolean => code === 'OUT_OF_STOCK';
const isOverLimit = ({ code }: BuyerOutcome): boolean => code === 'PURCHASE_LIMIT_EXCEEDED';
const isRefused = (outcome: BuyerOutcome): boolean => isSoldOut(outcome) || isOverLimit(outcome);

/** All users order a unit of a small time sale at once; some order twice. */
export const timeSaleRush =
  (users: number, units: number) =>
  async ({ system: { url }, tokens, nowMs, firstUser }: RushContext): Promise<Rush<OrderData>> => {
    const timeSaleId = await openTimeSale(adminOf(url, tokens, nowMs), { units, limitPerUser: LIMIT_PER_USER, nowMs });
    const profile = buyerProfile({ url, timeSaleId, users, firstUser }, tokens, nowMs);
    const greedy = profile.clients - users;
    return {
      title:
        `${users.toLocaleString('en')} users order a unit each of ${units.toLocaleString('en')}` +
        ` (${greedy.toLocaleString('en')} of them twice)`,
      profile,
      responsesExpected: profile.clients,
      facts: { timeSaleId, users, units, greedy },
      responses: [
        { name: 'ordered', includes: isBought, rate: { from: 'START', text: '/s from the start to the last unit' } },
        { name: 'out of stock', includes: isSoldOut, rate: { from: 'FIRST_OF_THEM', text: ' refusals/s' } },
        { name: 'over the limit', includes: isOverLimit, note: 'greedy ones, of whom the other order was first' },
      ],
      latencies: [
        { name: 'ordered, since the start', includes: isBought, ms: sinceStart },
        { name: 'ordered, since its request was sent', includes: isBought, ms: sinceSent },
        { name: 'refused, since the start', includes: isRefused, ms: sinceStart },
        { name: 'refused, since its request was sent', includes: isRefused, ms: sinceSent },
      ],
      audit: { name: 'audit of everything', scope: {} },
      check: async (history, { databases }) =>
        checkSale(history, await readSale(databases.order, timeSaleId), { units, users, limitPerUser: LIMIT_PER_USER }),
    };
  };
