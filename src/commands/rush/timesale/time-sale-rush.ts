import { adminOf } from '../admin.ts';
import type { ToldOrder } from '../order-answer.ts';
import { type Rush, type RushGround, sinceSent, sinceStart } from '../rush.ts';
import { type BuyerOutcome, buyerCrowd, isBought } from './buyer-crowd.ts';
import { checkSale } from './checks.ts';
import { openTimeSale } from './open-time-sale.ts';
import { readSale } from './stored-sale.ts';

const LIMIT_PER_USER = 1;
const isSoldOut = ({ code }: BuyerOutcome): boolean => code === 'OUT_OF_STOCK';
const isOverLimit = ({ code }: BuyerOutcome): boolean => code === 'PURCHASE_LIMIT_EXCEEDED';
const isRefused = (outcome: BuyerOutcome): boolean => isSoldOut(outcome) || isOverLimit(outcome);

/** Everybody orders a unit of a small time sale at once; some are greedy and order twice. */
export const timeSaleRush =
  (users: number, units: number) =>
  async ({ system: { url }, tokens, nowMs, firstUser }: RushGround): Promise<Rush<ToldOrder>> => {
    const timeSaleId = await openTimeSale(adminOf(url, tokens, nowMs), { units, limitPerUser: LIMIT_PER_USER, nowMs });
    const crowd = buyerCrowd({ url, timeSaleId, users, firstUser }, tokens, nowMs);
    const greedy = crowd.askers - users;
    return {
      title:
        `${users.toLocaleString('en')} users order a unit each of ${units.toLocaleString('en')}` +
        ` (${greedy.toLocaleString('en')} of them twice)`,
      crowd,
      answersDue: crowd.askers,
      facts: { timeSaleId, users, units, greedy },
      answers: [
        { name: 'ordered', includes: isBought, rate: { from: 'START', text: '/s from the start to the last unit' } },
        { name: 'out of stock', includes: isSoldOut, rate: { from: 'FIRST_OF_THEM', text: ' refusals/s' } },
        { name: 'over the limit', includes: isOverLimit, note: 'greedy ones, of whom the other order was first' },
      ],
      latencies: [
        { name: 'ordered, since all meant to ask', includes: isBought, ms: sinceStart },
        { name: 'ordered, since its request left', includes: isBought, ms: sinceSent },
        { name: 'refused, since all meant to ask', includes: isRefused, ms: sinceStart },
        { name: 'refused, since its request left', includes: isRefused, ms: sinceSent },
      ],
      audit: { name: 'audit of everything', scope: {} },
      check: async (history, databaseUrl) =>
        checkSale(history, await readSale(databaseUrl, timeSaleId), { units, users, limitPerUser: LIMIT_PER_USER }),
    };
  };
