import type { AccessTokens } from '../../../platform/http/access-token.ts';
import type { Crowd } from '../crowd.ts';
import type { Outcome } from '../history.ts';
import { readOrder, type ToldOrder } from '../order-answer.ts';
import { customerTokens, packRequests, postText } from '../requests.ts';

export type BuyerOutcome = Outcome<ToldOrder>;
export interface Bought extends BuyerOutcome {
  readonly told: ToldOrder;
}
export const isBought = (outcome: BuyerOutcome): outcome is Bought =>
  outcome.status === 201 && outcome.told !== undefined;

/** Of so many users one orders twice, at once and with different keys. */
const GREEDY_EVERY = 20;
const BLOCK = GREEDY_EVERY + 1;

/** Orders of one unit each. The first user of each block of 20 asks twice: they are the askers 0 and 1 of 21. */
export function buyerCrowd(
  spec: { readonly url: URL; readonly timeSaleId: string; readonly users: number; readonly firstUser: bigint },
  tokens: AccessTokens,
  nowMs: number,
): Crowd<ToldOrder> {
  const tokenOf = customerTokens(tokens, nowMs);
  const path = `/api/v1/time-sales/${spec.timeSaleId}/orders`;
  const askers = spec.users + Math.ceil(spec.users / GREEDY_EVERY);
  const userIndex = (asker: number): number =>
    Math.floor(asker / BLOCK) * GREEDY_EVERY + Math.max(0, (asker % BLOCK) - 1);
  const user = (asker: number): string => (spec.firstUser + BigInt(userIndex(asker))).toString();
  const request = packRequests(askers, (asker) => {
    const key = asker % BLOCK === 1 ? 'rush-again' : 'rush';
    return postText(spec.url, { path, token: tokenOf(user(asker)), key, body: '{"quantity":1}' });
  });
  return { askers, user, request, read: readOrder };
}
